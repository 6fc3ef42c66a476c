"""How the pages show a picture."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from shop.catalogue.models import Picture

register = template.Library()
PLAIN_WIDTH = 320  # for browsers that know no srcset


@register.simple_tag
def picture(shown: Picture, sizes: str, *, lazy: bool = False, eager: bool = False, silent: bool = False) -> SafeString:
    """An `<img>` of every width there is; `sizes` says how wide the page shows it.

    `lazy`: loaded when it is scrolled near; `eager`: the page's main picture, loaded first; `silent`: its words stand
    beside it, so it has none of its own. A photo says so in its class: it covers its ground.
    """
    return format_html(
        '<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}"{}{} decoding="async">',
        shown.url(next((width for width in shown.widths if width >= PLAIN_WIDTH), shown.width)),
        ", ".join(f"{shown.url(width)} {width}w" for width in shown.widths),
        sizes,
        shown.width,
        shown.height,
        "" if silent else shown.local_alt,
        "" if shown.transparent else SafeString(' class="photo"'),
        SafeString(' loading="lazy"' if lazy else ' fetchpriority="high"' if eager else ""),
    )
