"""What a page showed of an order, signed and sent back with its form: so that nothing is ordered that was not seen."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from shop.catalogue.money import written
from shop.checkout.quoting import Quote

SALT = "shop.checkout.seen"


def sealed(quote: Quote) -> str:
    """The quote's goods and parts, for a hidden field."""
    return signing.dumps(_parts(quote), salt=SALT, compress=True)


def changes(seal: str, quote: Quote) -> list[str]:
    """What differs from the quote that was sealed, in words; nothing if nothing does, or if it is no seal of ours."""
    try:
        before = signing.loads(seal, salt=SALT)
    except signing.BadSignature:
        return []
    return [*_goods_words(before["goods"], quote), *_sum_words(before, quote)]


def _parts(quote: Quote) -> dict[str, Any]:
    goods = {line.goods.sku: [line.goods.quantity, str(line.goods.unit_price)] for line in quote.lines}
    return {"goods": goods, "discount": str(quote.discount), "shipping": str(quote.shipping), "tax": str(quote.tax)}


def _goods_words(before: dict[str, Any], quote: Quote) -> Iterator[str]:
    lines = {line.goods.sku: line.goods for line in quote.lines}
    if {sku: line[0] for sku, line in before.items()} != {sku: goods.quantity for sku, goods in lines.items()}:
        yield _("There are other things in your cart than this page showed.")
    for sku in [sku for sku in lines if sku in before]:
        if prices := _moved(before[sku][1], lines[sku].unit_price, quote.currency):
            yield _("%(title)s now costs %(new)s, before it was %(old)s.") % (prices | {"title": lines[sku].title})


def _sum_words(before: dict[str, Any], quote: Quote) -> Iterator[str]:
    if sums := _moved(before["discount"], quote.discount, quote.currency):
        yield _("The discount is now %(new)s, before it was %(old)s.") % sums
    if sums := _moved(before["shipping"], quote.shipping, quote.currency):
        yield _("Delivery is now %(new)s, before it was %(old)s.") % sums
    if sums := _moved(before["tax"], quote.tax, quote.currency):
        yield _("The tax is now %(new)s, before it was %(old)s.") % sums


def _moved(old: str, new: Decimal, currency: str) -> dict[str, str]:
    return {"old": written(Decimal(old), currency), "new": written(new, currency)} if Decimal(old) != new else {}
