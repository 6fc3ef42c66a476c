"""What a page weighs on its way to the shopper, without its pictures."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.factories import VariantFactory
from tests.shopping import shopper_with

STYLE_AND_SCRIPT, ALL = 60_000, 100_000
PAGES = ["/", "/c/{variant.product.category.slug}/", "/p/{variant.product.slug}/", "/cart/", "/checkout/"]


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def linked(page: str, *kinds: str) -> dict[str, int]:
    """The shop's own files of these kinds that a page names, and what their styles import; a face is packed already."""
    names = set(re.findall(rf'(?:href|src)="/static/([^"]+\.(?:{"|".join(kinds)}))"', page))
    files = {name: Path(finders.find(name) or "") for name in names}
    imported = {path for file in files.values() if file.suffix == ".css" for path in imports(file)}
    sizes = {path.name: weight(path.read_bytes()) for path in {*files.values(), *imported} if path.suffix != ".woff2"}
    return sizes | {path.name: path.stat().st_size for path in files.values() if path.suffix == ".woff2"}


def imports(style: Path) -> list[Path]:
    return [(style.parent / name).resolve() for name in re.findall(r'@import url\("([^"]+)"\)', style.read_text())]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_light(address: str) -> None:
    for _ in range(24):
        variant = VariantFactory()
    page = shopper_with({variant.sku: 1}).get(address.format(variant=variant)).content.decode()
    assert {"pico.min.css", "base.css", "shop.js", "htmx-2.min.js"} <= linked(page, "css", "js").keys()
    assert sum(linked(page, "css", "js").values()) < STYLE_AND_SCRIPT
    assert len(linked(page, "woff2")) == 2
    assert weight(page.encode()) + sum(linked(page, "css", "js", "woff2").values()) < ALL


def test_vendored_files_are_those_that_their_list_names() -> None:
    folder = Path(finders.find("vendor/VENDOR.md") or "").parent
    rows = re.findall(r"^\| (\S+) \|.*`([0-9a-f]{64})` \|$", (folder / "VENDOR.md").read_text(), re.MULTILINE)
    listed = dict(rows)
    files = [file for file in folder.rglob("*") if file.suffix in {".css", ".js", ".woff2"}]
    assert {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files} == listed
