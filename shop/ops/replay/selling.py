"""Sells an invoice as the pages would: the goods in the catalogue, the order placed, the payment notice taken."""

from django.db import transaction
from django.utils.text import slugify
from django_countries import countries

from orders.drafts import Contact
from orders.lifecycle import PaymentStatus
from orders.models import Order
from orders.payments.protocol import Notice
from orders.payments.sandbox import write_notice
from orders.tasks import take_callback
from queue_table import clock
from shop.catalogue import stock
from shop.catalogue.models import Category, Product, Stock, Variant
from shop.catalogue.pricing import set_price
from shop.catalogue.renewal import renew
from shop.checkout.placing import Submit, place_order
from shop.checkout.pricing import goods_alone
from shop.ops.replay.invoices import Invoice, Line

COUNTRIES = {"EIRE": "IE", "Channel Islands": "JE", "USA": "US", "RSA": "ZA"}
UNKNOWN_COUNTRY = "ZZ"


def sell(invoice: Invoice) -> tuple[Order, bool]:
    """The invoice's order, placed and paid; True if this call placed it. The same invoice gives the same order."""
    order, placed = _place(invoice)
    for payment in order.payments.filter(status=PaymentStatus.PENDING):
        notice = Notice(
            reference=payment.reference,
            outcome=PaymentStatus.PAID,
            amount=payment.amount,
            currency=payment.currency,
        )
        take_callback("sandbox", *write_notice(notice))
    return order, placed


@transaction.atomic
def _place(invoice: Invoice) -> tuple[Order, bool]:
    placed = Order.objects.filter(submit_key=invoice.key).first()
    if placed:
        return placed, False
    for line in sorted(invoice.lines.values(), key=lambda line: line.sku):
        _put_into_catalogue(line)
    quantities = {line.sku: line.quantity for line in invoice.lines.values()}
    stock.receive(quantities, invoice.key)
    submit = Submit(key=invoice.key, contact=_contact(invoice), expected_total=invoice.total)
    # An invoice of the file is the goods' sum and nothing else, whatever this shop asks for delivery.
    return place_order(submit, quantities, now=clock.now(), pricing=goods_alone), True


def _put_into_catalogue(line: Line) -> None:
    """The price is the one of the day: the shop changed it over time, and an order keeps the price it was made at."""
    known = Variant.objects.filter(sku=line.sku).first()
    if known:
        _reprice(known, line)
        return
    category, _ = Category.objects.get_or_create(
        slug="online-retail", defaults={"title": "Online Retail", "position": 99}
    )
    product, _ = Product.objects.get_or_create(
        slug=slugify(line.sku), defaults={"category": category, "title": line.title.capitalize()}
    )
    variant = Variant.objects.create(product=product, sku=line.sku, price=line.unit_price)
    Stock.objects.create(variant=variant)
    set_price(variant, line.unit_price, now=clock.now())
    renew([product.pk])


def _reprice(variant: Variant, line: Line) -> None:
    if variant.price != line.unit_price:
        set_price(variant, line.unit_price, now=clock.now())


def _contact(invoice: Invoice) -> Contact:
    """The data set names nobody: a customer number and a country are all there is."""
    customer = invoice.customer or "unnamed"
    return Contact(
        name=f"Customer {customer}",
        email=f"customer-{customer}@example.invalid",
        address=f"Invoice {invoice.number}",
        city="-",
        postcode="",
        country=COUNTRIES.get(invoice.country) or countries.by_name(invoice.country) or UNKNOWN_COUNTRY,
    )
