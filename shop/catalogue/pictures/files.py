"""Pictures into the storage."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from shop.catalogue.pictures.encoding import Family

FOLDER = "pictures"


def keep(family: Family) -> str:
    """Writes the files that are not there whole and returns the family's name in the storage.

    What a killed process left is too short, and no row points at it yet. Whole files are never taken
    away: two products may share them, and a mail or a cache may still show them.
    """
    base = f"{FOLDER}/{family.name}"
    for width, content in family.files.items():
        name = f"{base}-{width}.webp"
        if default_storage.exists(name):
            if default_storage.size(name) == len(content):
                continue
            default_storage.delete(name)
        default_storage.save(name, ContentFile(content))
    return base
