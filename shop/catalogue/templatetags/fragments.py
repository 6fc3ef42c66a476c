"""Parts of a page that depend on nothing but the values they are given."""

from collections.abc import Hashable
from dataclasses import fields
from decimal import Decimal
from threading import Lock
from typing import Any, cast

from cachetools import LRUCache, cached
from django import template
from django.conf import settings
from django.db.models import Model
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
KEPT = 24_000_000  # characters in a process
PLAIN = (str, int, Decimal, type(None))


@register.simple_tag
def pure(template_name: str, **values: Hashable) -> SafeString:
    """The template, rendered once for these values and then remembered: `{% pure "x.html" card=card %}`.

    It sees the values and nothing else: no request, no other variable. So what is remembered can't be out of date:
    a new price is another value. Values are texts, whole numbers, decimals, None, and tuples and frozen dataclasses of
    these. Rows of the catalogue, which are equal to themselves whatever changes in them, go with `edition=edition`: as
    they stand in that edition they are plain. Raises TypeError for all else.
    """
    return _rendered(template_name, get_language(), settings.SHOP_CURRENCY, tuple(values.items()))


@cached(LRUCache(KEPT, getsizeof=len), lock=Lock(), info=True)
def _rendered(name: str, language: str, currency: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    given = dict(values)
    plain = (*PLAIN, Model) if "edition" in given else PLAIN
    for value in given.values():
        _require_plain(value, plain)
    return SafeString(get_template(name).render(given))


def _require_plain(value: object, plain: tuple[type, ...]) -> None:
    if isinstance(value, tuple):
        for part in value:
            _require_plain(part, plain)
    elif getattr(getattr(type(value), "__dataclass_params__", None), "frozen", False):
        for field in fields(cast(Any, value)):
            _require_plain(getattr(value, field.name), plain)
    elif not isinstance(value, plain) or (hasattr(value, "__html__") and escape(str(value)) != value):
        raise TypeError(f"a {type(value).__name__} is no plain value: what it says can change while it stays equal")
