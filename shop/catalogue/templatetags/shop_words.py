"""How the pages write money and moments."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from shop.catalogue.money import written

register = template.Library()


@register.filter
def money(amount: Decimal, currency: str = "") -> str:
    """`{{ order.total|money:order.currency }}`; without a currency, the shop's own."""
    return written(amount, currency or settings.SHOP_CURRENCY)


@register.filter
def moment(at: datetime) -> SafeString:
    """A `<time>` in the shop's time zone: 3 Dec, 14:05."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), moment_words(at))


@register.filter
def moment_words(at: datetime) -> str:
    """The same for plain text."""
    return date_format(timezone.localtime(at), pgettext("format of a date with a time", "j M, H:i"))


@register.filter
def day(at: datetime) -> str:
    """The day in the shop's time zone: 3 December 2026."""
    return date_format(timezone.localtime(at), pgettext("format of a date", "j F Y"))


@register.filter
def percent(rate: Decimal) -> str:
    """20 %, 5.5 %: no figure more than it has."""
    return f"{rate.normalize():f} %"
