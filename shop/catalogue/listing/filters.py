"""What a shopper wants to see of a list, and how that is asked of the database."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Exists, F, OuterRef, Q

from shop.catalogue.models import OptionValue, Variant
from shop.catalogue.querysets import ProductQuerySet

IN_STOCK = Q(stock__on_hand__gt=F("stock__reserved"))
Having = Variant.values.through


@dataclass(frozen=True)
class Filters:
    """`values` are the chosen option values, those of one option together. `complaints` say what was not understood."""

    sort: str
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    in_stock: bool = False
    values: tuple[OptionValue, ...] = ()
    complaints: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many there are to take off again."""
        return len(self.values) + self.in_stock + sum(price is not None for price in (self.price_from, self.price_to))

    def applied_to(self, products: ProductQuerySet) -> ProductQuerySet:
        """The products of which one variant meets everything at once."""
        wanted = [*self.variant_conditions(), *(having(values, OuterRef("pk")) for values in self.chosen.values())]
        if not wanted:
            return products
        return products.filter(Exists(Variant.objects.filter(*wanted, product=OuterRef("pk")).order_by()))

    def variant_conditions(self) -> list[Q]:
        """On a variant: its price and its stock."""
        return [
            *([Q(price__gte=self.price_from)] if self.price_from is not None else []),
            *([Q(price__lte=self.price_to)] if self.price_to is not None else []),
            *([IN_STOCK] if self.in_stock else []),
        ]

    @property
    def chosen(self) -> dict[int, list[OptionValue]]:
        """The values that are chosen of each option, by its key: a variant needs one of them."""
        return {option: list(values) for option, values in groupby(self.values, key=lambda value: value.option_id)}


def having(values: list[OptionValue], variant: OuterRef) -> Exists:
    """Looked up for each variant by the index: a list of all that have it is made anew for each product by SQLite."""
    return Exists(Having.objects.filter(variant=variant, optionvalue__in=values))
