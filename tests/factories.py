"""Rows that tests start from."""

from decimal import Decimal
from typing import Any

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from orders.drafts import Contact
from shop.catalogue import card_prices, stock
from shop.catalogue.models import Category, Option, OptionValue, Picture, Product, Stock, Variant
from shop.checkout.models import ShippingMethod, ShippingRate, Voucher

CONTACT = Contact(
    name="Ada Lovelace",
    email="ada@example.org",
    address="12 St James's Square",
    city="London",
    postcode="SW1",
    country="GB",
)


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category

    slug = factory.Sequence(lambda n: f"category-{n}")
    title = factory.Sequence(lambda n: f"Category {n}")


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    category = factory.SubFactory(CategoryFactory)
    slug = factory.Sequence(lambda n: f"product-{n}")
    title = factory.Sequence(lambda n: f"Product {n}")


class OptionFactory(DjangoModelFactory[Option]):
    """An option named by its slug, shop-wide: the same slug again is the same option."""

    class Meta:
        model = Option
        django_get_or_create = ["slug"]

    name = factory.LazyAttribute(lambda option: option.slug.capitalize())


class OptionValueFactory(DjangoModelFactory[OptionValue]):
    class Meta:
        model = OptionValue
        django_get_or_create = ["option", "slug"]

    option = factory.SubFactory(OptionFactory)
    name = factory.LazyAttribute(lambda value: value.slug.capitalize())


def made(product: Product, *, pieces: int | None = None, **picks: str) -> Variant:
    """A variant of the product with a value for each option: `made(mug, colour="red", size="large")`."""
    variant = VariantFactory(product=product, title=", ".join(picks.values()), pieces=pieces)
    for option, value in picks.items():
        variant.values.add(OptionValueFactory(option=OptionFactory(slug=option), slug=value))
    return variant


class PictureFactory(DjangoModelFactory[Picture]):
    """A picture's row; its files are not there."""

    class Meta:
        model = Picture

    product = factory.SubFactory(ProductFactory)
    file = factory.Sequence(lambda n: f"pictures/{n:032x}")
    width = 640
    height = 480


class VariantFactory(DjangoModelFactory[Variant]):
    """A variant with `pieces` in stock, 10 if nothing is said."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda n: f"SKU{n:05d}")
    price = Decimal("2.55")

    @factory.post_generation
    def pieces(self: Any, create: bool, extracted: int | None, **kwargs: Any) -> None:
        Stock.objects.create(variant=self)
        with transaction.atomic():
            stock.receive({self.sku: 10 if extracted is None else extracted}, "test")
            card_prices.renew([self.product_id])


class ShippingMethodFactory(DjangoModelFactory[ShippingMethod]):
    """A way to deliver, without any rate yet."""

    class Meta:
        model = ShippingMethod

    code = factory.Sequence(lambda n: f"method-{n}")
    title = factory.Sequence(lambda n: f"Method {n}")
    days_min = 2
    days_max = 4


class ShippingRateFactory(DjangoModelFactory[ShippingRate]):
    """What a method of its own costs everywhere; `method__code` and the like name the method's fields."""

    class Meta:
        model = ShippingRate

    method = factory.SubFactory(ShippingMethodFactory)
    price = Decimal("2.95")


class VoucherFactory(DjangoModelFactory[Voucher]):
    """£1 off, for everybody and always."""

    class Meta:
        model = Voucher

    code = factory.Sequence(lambda n: f"VOUCHER{n}")
    kind = Voucher.Kind.FIXED
    amount = Decimal(1)
