"""Parts of a page that depend on nothing but the values they are given."""

from collections.abc import Hashable
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
KEPT = 8192  # fragments in a process; of 1 or 2 kB each
PLAIN = (str, int, Decimal, type(None))


@register.simple_tag
def pure(template_name: str, **values: Hashable) -> SafeString:
    """The template, rendered once for these values and then remembered: `{% pure "x.html" card=card %}`.

    It sees the values and nothing else: no request, no other variable. So what is remembered can't be out of date:
    a new price is another value. Values are texts, whole numbers, decimals, None, and tuples and frozen dataclasses of
    these. Raises TypeError for all else; a model's row above all, which is equal to itself whatever has changed in it.
    """
    return _rendered(template_name, get_language(), settings.SHOP_CURRENCY, tuple(values.items()))


@lru_cache(KEPT)
def _rendered(name: str, language: str, currency: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    for _name, value in values:
        _require_plain(value)
    return SafeString(get_template(name).render(dict(values)))


def _require_plain(value: object) -> None:
    if isinstance(value, tuple):
        for part in value:
            _require_plain(part)
    elif getattr(getattr(type(value), "__dataclass_params__", None), "frozen", False):
        for field in fields(cast(Any, value)):
            _require_plain(getattr(value, field.name))
    elif not isinstance(value, PLAIN) or (hasattr(value, "__html__") and escape(str(value)) != value):
        raise TypeError(f"a {type(value).__name__} is no plain value: what it says can change while it stays equal")
