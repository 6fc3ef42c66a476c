"""Which templates make a page of the shop: those that extend base.html, by however many steps."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

EXTENDS = re.compile(r'\{%\s*extends\s+"([^"]+)"\s*%\}')
BASE = "base.html"


def pages() -> set[str]:
    """Of the shop's own templates and of those that an address shows, the ones that extend base.html and that no other
    one extends."""
    folder = settings.BASE_DIR / "templates"
    names = {str(file.relative_to(folder)) for file in folder.rglob("*.html")} | set(shown(get_resolver()))
    extended = {parent for name in names for parent in parents(name)}
    return {name for name in names if BASE in parents(name)} - extended


def shown(addresses: URLResolver) -> Iterator[str]:
    """The templates of class-based views, which are mostly a library's: its own folder has many that nobody sees."""
    for address in addresses.url_patterns:
        if isinstance(address, URLResolver):
            yield from shown(address)
        elif isinstance(address, URLPattern):
            name = getattr(getattr(address.callback, "view_class", None), "template_name", None)
            yield from [name] if name else []


@cache
def parents(name: str) -> tuple[str, ...]:
    """The names of the templates that this one extends, the nearest first."""
    try:
        source = Path(get_template(name).origin.name).read_text()  # type: ignore[attr-defined]
    except TemplateDoesNotExist:
        return ()
    found = EXTENDS.search(source)
    if not found or found[1] == name:  # that of another folder, with the same name
        return ()
    return (found[1], *parents(found[1]))
