"""How the pages show a picture."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from shop.catalogue.models import Picture

register = template.Library()
PLAIN_WIDTH = 320  # for browsers that know no srcset


@register.simple_tag
def picture(
    shown: Picture, sizes: str, *, alt: str | None = None, lazy: bool = False, eager: bool = False
) -> SafeString:
    """An `<img>` of every width there is; `sizes` says how wide the page shows it.

    `alt` stands for the picture's own words; empty where they stand beside it. `lazy`: loaded when it is scrolled near;
    `eager`: the page's main picture, loaded first. A photo, which covers its ground, says so by its class.
    """
    return format_html(
        '<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}"{}{} decoding="async">',
        shown.url(next((width for width in shown.widths if width >= PLAIN_WIDTH), shown.width)),
        ", ".join(f"{shown.url(width)} {width}w" for width in shown.widths),
        sizes,
        shown.width,
        shown.height,
        shown.local_alt if alt is None else alt,
        "" if shown.transparent else SafeString(' class="photo"'),
        SafeString(' loading="lazy"' if lazy else ' fetchpriority="high"' if eager else ""),
    )
