"""The prices that a product's card shows, kept with the product: lists sort by them, and read none of the variants."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Aggregate, DecimalField, Max, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce

from shop.catalogue import edition
from shop.catalogue.models import Product, Variant

BATCH = 500
FORMULAS: dict[str, Aggregate] = {
    "price_from": Min("price"),
    "price_to": Max("price"),
    "regular_from": Min(Coalesce("regular_price", "price")),
    "lowest_price_30_days": Min("lowest_price_30_days"),
}


def renew(products: Iterable[int]) -> None:
    """Makes the products' prices those of their variants. Belongs to the transaction of every change of a variant's
    prices, and to that in which one comes or goes; refuses to run without one."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Card prices belong to the transaction of their cause.")
    keys = sorted(products)
    summed = {name: _of_variants(formula) for name, formula in FORMULAS.items()}
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        lock(batch)
        Product.objects.filter(pk__in=batch).update(**summed)


def lock(products: Iterable[int]) -> None:
    """Of two who change variants of one product the second sees the first one's prices, as a statement of its own.
    The edition comes first: whoever changes anything of the catalogue takes his locks in that order."""
    edition.change()
    list(Product.objects.select_for_update().filter(pk__in=products).order_by("pk").values_list("pk"))


def _of_variants(formula: Aggregate) -> Subquery:
    mine = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return Subquery(mine.annotate(found=formula).values("found"), output_field=DecimalField())
