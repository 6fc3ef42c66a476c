"""Files on their way in: no more of one is kept than the shop would take, and each is read as it comes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from shop.catalogue.pictures.encoding import MAX_BYTES, Family, PictureRefused, encoded


class CappedUpload(FileUploadHandler):
    """The first of the upload handlers: what is beyond the cap reaches neither memory nor disk.

    A file cut here is still larger than MAX_BYTES, so that whoever asks for it hears that it is too large.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        return None  # the handlers after this one keep the file


@dataclass(frozen=True)
class Reading:
    """An upload, read: the picture, or why it is none."""

    family: Family | None
    problem: str


def read_all(uploads: Iterable[UploadedFile[bytes]]) -> None:
    """Leaves its `reading` on each. Takes seconds for large pictures: to be called before a transaction begins."""
    for upload in uploads:
        upload.reading = _read(upload)  # type: ignore[attr-defined]


def _read(upload: UploadedFile[bytes]) -> Reading:
    try:
        return Reading(encoded(upload), "")
    except PictureRefused as refusal:
        return Reading(None, f"{upload.name}: {refusal}")
