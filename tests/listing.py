"""Goods that lists and searches know of, and what a page shows of them."""

from decimal import Decimal

from django.db import transaction
from django.test import Client

from shop.catalogue.models import Product, Variant
from shop.catalogue.renewal import renew
from tests.factories import ProductFactory, made


def on_shelf(
    title: str, price: str = "2.55", *, pieces: int | None = None, picks: str = "", **about: object
) -> Product:
    """A product with one variant: `on_shelf("Mug", "4", picks="colour:red size:large")`."""
    product = ProductFactory(title=title, **about)
    add_variant(product, price, pieces=pieces, picks=picks)
    return product


def add_variant(product: Product, price: str, *, pieces: int | None = None, picks: str = "") -> Variant:
    variant = made(product, pieces=pieces, **dict(pick.split(":") for pick in picks.split()))
    Variant.objects.filter(pk=variant.pk).update(price=Decimal(price))
    with transaction.atomic():
        renew([product.pk])
    return variant


def shown(client: Client, address: str) -> list[str]:
    """The titles on the page's cards, in their order."""
    return [card.title for card in client.get(address).context["page"]]
