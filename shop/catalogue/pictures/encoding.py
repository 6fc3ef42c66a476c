"""From whatever staff upload to WebP files of fixed widths, with nothing of the original but what is seen."""

import hashlib
import io
import logging
import struct
import traceback
import zlib
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from shop.catalogue.pictures.widths import LARGEST, widths_up_to

logger = logging.getLogger(__name__)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_BYTES, MAX_PIXELS, MAX_PROPORTION = 20 * 2**20, 40_000_000, 4
QUALITY = 84
OF_DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)


class PictureRefused(Exception):
    """Not a picture that the shop can show; the message tells whoever uploaded it what to do."""


@dataclass(frozen=True)
class Single:
    """One picture as one WebP file, so large in pixels."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Family:
    """One picture in several widths. `name` is made from its content: another picture never has it."""

    name: str
    width: int
    height: int
    transparent: bool
    files: dict[int, bytes]  # by width


def encoded(upload: IO[bytes]) -> Family:
    """The upload as WebP in each of the shop's widths below its own, and in its own up to the largest.

    Turned as its EXIF says, in sRGB, transparent where it was; of moving pictures the first. Everything else that the
    file carried (place, camera, profile) is gone. Raises PictureRefused.
    """
    image = _fitted(upload)
    files = {width: _as_webp(image, width) for width in widths_up_to(image.width)}
    name = hashlib.sha256(files[image.width]).hexdigest()[:32]
    return Family(name, image.width, image.height, image.mode == "RGBA", files)


def encoded_once(upload: IO[bytes]) -> Single:
    """The upload as one WebP of the largest width, made as `encoded` makes it. Raises PictureRefused."""
    image = _fitted(upload)
    return Single(_as_webp(image, image.width), image.width, image.height)


def _fitted(upload: IO[bytes]) -> Image.Image:
    """Decoded, turned, in sRGB, and no larger than the shop keeps pictures."""
    image = _without_idle_alpha(_shown(_opened(upload)))
    image.thumbnail((LARGEST, LARGEST * MAX_PROPORTION))
    return image


def _opened(upload: IO[bytes]) -> Image.Image:
    """Only the head is read here, so that a bomb is refused before it goes off."""
    if upload.seek(0, io.SEEK_END) > MAX_BYTES:
        raise PictureRefused(_("This file is larger than %d MB. Please make it smaller.") % (MAX_BYTES // 2**20))
    upload.seek(0)
    try:
        image = Image.open(upload, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(_too_many_pixels()) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureRefused(_("This is no picture that the shop can read. Use JPEG, PNG, WebP or GIF.")) from error
    if image.width * image.height > MAX_PIXELS:
        raise PictureRefused(_too_many_pixels())
    if max(image.size) > MAX_PROPORTION * min(image.size):
        raise PictureRefused(_("This picture is too long and narrow: at most 4 to 1. Please cut it."))
    return image


def _shown(image: Image.Image) -> Image.Image:
    """As a person sees it: decoded, upright, in sRGB."""
    try:
        image.draft(None, (2 * LARGEST, 2 * LARGEST))  # a large JPEG is decoded smaller: a fraction of the memory
        profile = image.info.get("icc_profile")
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return _in_srgb(image, profile)
    except Exception as error:  # whatever a decoder stumbles over in a file from outside
        _note(error)
        raise PictureRefused(_("This picture is damaged. Please save it once more and try again.")) from error


def _note(error: Exception) -> None:
    """The cause by its kind and place: its words may repeat what the file says of place and person."""
    level = logging.WARNING if isinstance(error, OF_DAMAGE) else logging.ERROR  # others may be a fault of our own
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.log(level, "a picture is refused as damaged, for %s:\n%s", type(error).__name__, place)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
        except (ImageCms.PyCMSError, OSError):
            logger.info("a picture's broken profile is left out")  # the colours as they stand are better than none
    return image if image.mode == mode else image.convert(mode)  # a copy of a large one takes long and much memory


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    opaque = image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if opaque else image


def _as_webp(image: Image.Image, width: int) -> bytes:
    height = max(1, round(image.height * width / image.width))
    shown = image if width == image.width else image.resize((width, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    shown.save(file, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return file.getvalue()


def _too_many_pixels() -> str:
    return _("This picture has more than %d million pixels. Please make it smaller.") % (MAX_PIXELS // 10**6)
