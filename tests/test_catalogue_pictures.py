"""Whatever staff upload becomes a picture that the shop can show, or a sentence that says what to do."""

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from shop.catalogue.pictures import encoding
from shop.catalogue.pictures.encoding import Family, PictureRefused, encoded
from shop.catalogue.pictures.files import keep

ORIENTATION = 0x0112


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def family_of(content: bytes) -> Family:
    return encoded(io.BytesIO(content))


def largest(family: Family) -> Image.Image:
    return Image.open(io.BytesIO(family.files[family.width]))


def png_head(width: int, height: int) -> bytes:
    """A PNG that claims to be so large in a few hundred bytes."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rest = b"IDAT" + zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (chunk, rest, b"IEND")
    )


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((2000, 1000), [160, 320, 640, 1280]),
        ((1280, 300 * 2), [160, 320, 640, 1280]),
        ((700, 700), [160, 320, 640, 700]),
        ((160, 90), [160]),
        ((90, 90), [90]),
        ((1000, 4000), [160, 320, 640, 1000]),
    ],
)
def test_a_picture_is_kept_in_fixed_widths_up_to_its_own(size: tuple[int, int], widths: list[int]) -> None:
    family = family_of(saved(Image.new("RGB", size), "JPEG"))
    assert list(family.files) == widths
    assert (family.width, family.height) == (min(size[0], 1280), round(size[1] * min(1, 1280 / size[0])))
    for width, content in family.files.items():
        picture = Image.open(io.BytesIO(content))
        assert (picture.format, picture.width) == ("WEBP", width)
        assert picture.height == pytest.approx(size[1] * width / size[0], abs=1)


def test_the_same_content_has_the_same_name_and_another_has_another() -> None:
    red, blue = (saved(Image.new("RGB", (20, 20), colour), "PNG") for colour in ("red", "blue"))
    assert family_of(red).name == family_of(red).name != family_of(blue).name


def test_a_picture_is_turned_as_the_camera_was_held_and_what_the_camera_noted_is_gone() -> None:
    lying = Image.new("RGB", (400, 200), "red")
    lying.paste("blue", (0, 0, 200, 200))
    notes = Image.Exif()
    notes[ORIENTATION] = 6  # to be turned clockwise
    notes[0x010E] = "at home, 51.5 N 0.1 W"
    family = family_of(saved(lying, "JPEG", exif=notes))
    upright = largest(family).convert("RGB")
    assert (family.width, family.height) == (200, 400)
    assert upright.getpixel((100, 40))[2] > 200 > 50 > upright.getpixel((100, 40))[0]  # blue above
    assert not upright.getexif()
    assert not any(word in content for content in family.files.values() for word in (b"EXIF", b"ICCP", b"XMP", b"home"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_a_transparent_picture_stays_transparent(kind: str) -> None:
    picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 100, 200))
    family = family_of(saved(picture, kind))
    shown = largest(family).convert("RGBA")
    assert family.transparent
    assert [shown.getpixel(at)[3] for at in [(50, 100), (150, 100)]] == [255, 0]


def test_a_photo_with_an_idle_alpha_channel_is_a_photo() -> None:
    assert not family_of(saved(Image.new("RGBA", (20, 20), "red"), "PNG")).transparent


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    assert family_of(saved(Image.new(mode, (40, 40)), "PNG")).width == 40


def test_sixteen_bits_of_grey_stay_grey() -> None:
    shown = largest(family_of(saved(Image.new("I;16", (40, 40), 0x8000), "PNG"))).convert("L")
    assert shown.getpixel((20, 20)) == pytest.approx(128, abs=4)


def test_a_jpeg_for_print_keeps_its_colours() -> None:
    printed = saved(Image.new("RGB", (200, 200), (200, 40, 40)).convert("CMYK"), "JPEG")
    red, green, blue = largest(family_of(printed)).convert("RGB").getpixel((100, 100))
    assert red > 150 > 90 > max(green, blue)


@pytest.mark.parametrize(
    "profile", [b"no profile at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_a_colour_profile_that_makes_no_sense_does_no_harm(profile: bytes) -> None:
    shown = largest(family_of(saved(Image.new("RGB", (40, 40), "red"), "JPEG", icc_profile=profile)))
    assert shown.convert("RGB").getpixel((20, 20))[0] > 240


def test_of_a_moving_picture_the_first_is_kept() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    still = largest(family_of(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])))
    assert not getattr(still, "is_animated", False)
    assert still.convert("RGB").getpixel((20, 20))[0] > 240


REFUSED = {
    "nothing": (b"", "no picture"),
    "text": (b"Dear sir, here is no picture.", "no picture"),
    "drawing with a script": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no picture"),
    "head alone": (b"\x89PNG\r\n\x1a\n", "no picture"),
    "another format": (saved(Image.new("RGB", (20, 20)), "TIFF"), "no picture"),
    "30 MB": (b"\xff\xd8\xff\xe0" + bytes(30 * 2**20), "larger than 20 MB"),
    "bomb": (png_head(100_000, 100_000), "40 million pixels"),
    "small bomb": (png_head(10_000, 9_000), "40 million pixels"),
    "firework": (png_head(7_000, 6_000), "40 million pixels"),
    "no content": (png_head(500, 500), "damaged"),
    "cut off": (saved(Image.effect_noise((200, 200), 90), "PNG")[:3000], "damaged"),
    "ribbon": (saved(Image.new("RGB", (900, 200)), "PNG"), "4 to 1"),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_picture_for_the_shop_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(PictureRefused, match=words):
        family_of(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_spoilt_on_its_way_is_shown_or_refused_and_nothing_else(kind: str) -> None:
    chance = random.Random(4)  # noqa: S311 (the same every time)
    whole = saved(Image.effect_noise((60, 60), 90).convert("RGB"), kind)
    for _try in range(150):
        spoilt = bytearray(whole)
        for _byte in range(chance.randint(1, 8)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        try:
            assert family_of(bytes(spoilt)).width >= 1
        except PictureRefused:
            continue


def test_a_file_that_a_killed_process_left_half_written_is_written_anew(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    family = family_of(saved(Image.new("RGB", (200, 200), "red"), "PNG"))
    base = keep(family)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()}
    for path in (tmp_path / "pictures").iterdir():
        path.write_bytes(path.read_bytes()[:20])
    assert keep(family) == base
    assert {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()} == whole


def test_an_error_of_our_own_code_is_told_to_the_developers_with_its_place(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told_by_the_file = "taken by Ada in Marseille"

    def mistaken(image: Image.Image, in_place: bool) -> None:
        raise AttributeError(told_by_the_file)

    monkeypatch.setattr(encoding.ImageOps, "exif_transpose", mistaken)
    with pytest.raises(PictureRefused):
        family_of(saved(Image.new("RGB", (200, 200)), "PNG"))
    [record] = caplog.records
    assert (record.levelname, "AttributeError" in record.getMessage()) == ("ERROR", True)
    assert "in mistaken" in record.getMessage()
    assert "Ada" not in caplog.text


def test_a_damaged_picture_leaves_a_line_that_names_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PictureRefused):
        family_of(saved(Image.effect_noise((200, 200), 90), "PNG")[:3000])
    assert [(record.levelname, "OSError" in record.getMessage()) for record in caplog.records] == [("WARNING", True)]
