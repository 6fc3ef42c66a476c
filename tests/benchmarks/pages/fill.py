"""Fills a migrated shop up to PRODUCTS and ORDERS: `python -m tests.benchmarks.pages.fill PRODUCTS ORDERS [SCARCE]`.

Whoever bought has bought by hand: only what pages read is there, no stock movement and no queue row. Prints as JSON
where the pages are.
"""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import django
from django.db import transaction
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.text import slugify

from tests.benchmarks.pages.made_up import DEPARTMENTS, SHELVES, SIZES, Item, items, searches

BATCH = 1000
PICTURES, SHOWN = 50, 200


def fill_shelves() -> list[Any]:
    """Departments as roots, nine shelves in each; returns the shelves."""
    from shop.catalogue.models import Category

    departments = [_category(f"Department {number}", number) for number in range(DEPARTMENTS)]
    for number in range(SHELVES):
        _category(f"Shelf {number}", DEPARTMENTS + number, parent=departments[number * DEPARTMENTS // SHELVES])
    return list(Category.objects.filter(parent__isnull=False).order_by("position"))


def _category(title: str, position: int, **about: Any) -> Any:
    from shop.catalogue.models import Category

    words = {"title": title, "title_zh": f"货架{position}", "position": position, "tint": 1 + position % 6}
    return Category.objects.get_or_create(slug=slugify(title), defaults=words | about)[0]


def fill_products(made_up: Sequence[Item]) -> None:
    """Each with a picture, and each seventh in three sizes."""
    from shop.catalogue.models import Picture, Product, Stock, Variant

    shelves, there = fill_shelves(), set(Product.objects.values_list("slug", flat=True))
    new = {item.slug: item for item in made_up if item.slug not in there}
    Product.objects.bulk_create(
        [
            Product(slug=slug, category=shelves[item.shelf], title=item.title, description=item.description)
            for slug, item in new.items()
        ],
        BATCH,
    )
    products = list(Product.objects.filter(variants=None))
    Picture.objects.bulk_create(
        [Picture(product=product, file=_picture(new[product.slug]), width=1280, height=1280) for product in products],
        BATCH,
    )
    Product.objects.filter(cover=None).update(cover=Picture.objects.filter(product=OuterRef("pk")).values("pk")[:1])
    Variant.objects.bulk_create(
        [
            _variant(product, new[product.slug], sku, position)
            for product in products
            for position, sku in enumerate(new[product.slug].skus)
        ],
        BATCH,
    )
    _give_sizes()
    pieces = {sku: item.pieces for item in new.values() for sku in item.skus}
    bare = Variant.objects.filter(stock=None)
    Stock.objects.bulk_create([Stock(variant=variant, on_hand=pieces[variant.sku]) for variant in bare], BATCH)


def _renew() -> None:
    from shop.catalogue.renewal import rebuild

    rebuild()


def _variant(product: Any, item: Item, sku: str, position: int) -> Any:
    """Each eleventh item is reduced."""
    from shop.catalogue.models import Variant

    price = item.price + position
    regular = price + 1 if item.number % 11 == 3 else None
    return Variant(product=product, sku=sku, price=price, regular_price=regular, position=position)


def _picture(item: Item) -> str:
    return f"products/{item.number % PICTURES:016x}"


def _give_sizes() -> None:
    from shop.catalogue.models import Option, OptionValue, Variant

    size, _ = Option.objects.get_or_create(slug="size", defaults={"name": "Size", "name_zh": "尺寸"})
    for position, name in enumerate(SIZES):
        value, _ = OptionValue.objects.get_or_create(
            option=size, slug=name.lower(), defaults={"name": name, "position": position}
        )
        sized = Variant.objects.filter(sku__endswith=f"-{name}", values=None)
        Variant.values.through.objects.bulk_create(
            [Variant.values.through(variant_id=key, optionvalue=value) for key in sized.values_list("pk", flat=True)],
            BATCH,
        )
        sized.update(title=name)


def fill_orders(count: int, made_up: Sequence[Item]) -> None:
    """Old orders of guests, one each minute until now."""
    from orders.models import Order

    now, there = timezone.now(), Order.objects.count()
    for start in range(there, count, BATCH):
        numbers = range(start, min(count, start + BATCH))
        _insert_orders([(number, _bought(number, made_up)) for number in numbers], now)


def _bought(number: int, made_up: Sequence[Item]) -> list[Item]:
    first = number * 7 % len(made_up)
    return [made_up[first], made_up[(first + 1) % len(made_up)]]


def _insert_orders(baskets: Sequence[tuple[int, list[Item]]], now: Any) -> None:
    from orders.lifecycle import OrderStatus
    from orders.models import Order, OrderLine

    orders = [
        Order(
            number=f"OLD-{number:07d}",
            submit_key=f"old order number {number}",
            status=OrderStatus.COMPLETED,
            customer="guest",
            name=f"Guest {number}",
            email=f"guest{number}@example.org",
            address="1 Old Road",
            city="London",
            country="GB",
            currency="GBP",
            subtotal=sum(item.price for item in basket),
            total=sum(item.price for item in basket),
            placed_at=now - timedelta(minutes=number),
            pay_by=now - timedelta(minutes=number - 30),
        )
        for number, basket in baskets
    ]
    Order.objects.bulk_create(orders)
    keys = dict(Order.objects.filter(number__in=[order.number for order in orders]).values_list("number", "pk"))
    OrderLine.objects.bulk_create(
        OrderLine(
            order_id=keys[f"OLD-{number:07d}"],
            position=position,
            sku=item.skus[0],
            title=item.title,
            unit_price=item.price,
            quantity=1,
        )
        for number, basket in baskets
        for position, item in enumerate(basket)
    )


def where(made_up: Sequence[Item]) -> dict[str, Any]:
    """The pages, as paths, spread evenly over the range; what can be bought; what there is one piece of."""
    from shop.catalogue.models import Category

    step = max(1, len(made_up) // SHOWN)
    shown = [{"sku": item.skus[0], "page": f"/p/{item.slug}/"} for item in made_up[::step] if item.pieces > 1][:SHOWN]
    return {
        "home": ["/"],
        "category": [shelf.get_absolute_url() for shelf in Category.objects.order_by("position")],
        "product": [item["page"] for item in shown],
        "search": [f"/search/?q={quote_plus(words)}" for words in searches()],
        "cart": ["/cart/"],
        "items": shown,
        "scarce": [{"sku": item.skus[0], "page": f"/p/{item.slug}/"} for item in made_up if item.pieces == 1],
    }


def main(products: int, orders: int, scarce: int = 0) -> None:
    django.setup()
    from shop.checkout import demo_tariff

    made_up = list(items(products, scarce=scarce))
    with transaction.atomic():
        demo_tariff.load()
        fill_products(made_up)
        _renew()
    with transaction.atomic():
        fill_orders(orders, made_up)
    sys.stdout.write(json.dumps(where(made_up)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
