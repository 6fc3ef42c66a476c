"""Photos that customers add to a return: taken in as the shop's own pictures are, and shown to nobody by an address."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from orders.returning import Photo
from shop.catalogue.pictures.encoding import FORMATS, PictureRefused, encoded_once

MOST = 4


class PhotosInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"multiple": True, "accept": ",".join(f"image/{kind.lower()}" for kind in FORMATS)})


class PhotosField(forms.Field):
    """Up to MOST pictures, made anew: no name, place or camera of the original is left. Takes seconds for large ones,
    so it is to be cleaned before a transaction begins."""

    widget = PhotosInput

    def clean(self, value: Any) -> list[Photo]:
        uploads: Sequence[UploadedFile[bytes]] = value or []
        if len(uploads) > MOST:
            raise ValidationError(_("Please choose %d photos at most.") % MOST)
        return [_photo(upload) for upload in uploads]


def _photo(upload: UploadedFile[bytes]) -> Photo:
    try:
        made = encoded_once(upload)
    except PictureRefused as refusal:
        raise ValidationError(f"{upload.name}: {refusal}") from refusal
    return Photo(content=made.content, width=made.width, height=made.height)
