"""A quote in the order system's own words."""

from django.utils.translation import get_language

from orders.drafts import LineDraft, Terms
from shop.checkout.quoting import Quote


def line_drafts(quote: Quote) -> list[LineDraft]:
    return [
        LineDraft(
            sku=line.goods.sku,
            title=line.goods.title,
            unit_price=line.goods.unit_price,
            quantity=line.goods.quantity,
            discount=line.discount,
            tax_rate=line.tax_rate,
            tax=line.tax,
        )
        for line in quote.lines
    ]


def terms_of(quote: Quote, note: str = "") -> Terms:
    """The sums as they were quoted, in the language that is spoken now."""
    return Terms(
        currency=quote.currency,
        subtotal=quote.subtotal,
        discount=quote.discount,
        shipping=quote.shipping,
        shipping_tax_rate=quote.shipping_tax_rate,
        tax=quote.tax,
        tax_included=quote.tax_included,
        total=quote.total,
        voucher_code=quote.voucher_code,
        shipping_method=quote.method.code if quote.method else "",
        shipping_title=quote.shipping_title,
        days_min=quote.days_min,
        days_max=quote.days_max,
        note=note,
        language=get_language() or "en",
    )
