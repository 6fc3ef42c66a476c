"""The shopper's cart: sku and quantity, kept in his session. Prices and stock are read when they are asked for."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.http import HttpRequest

from shop.cart.exceptions import NoLongerSold
from shop.catalogue.models import Product, Variant
from shop.catalogue.showcase import sold_variants

SESSION_KEY = "cart"


@dataclass(frozen=True)
class CartLine:
    """A variant in the cart, at the catalogue's price of this moment."""

    variant: Variant
    quantity: int
    available: int

    @property
    def product(self) -> Product:
        return self.variant.product

    @property
    def unit_price(self) -> Decimal:
        return self.variant.price

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def short(self) -> bool:
        """More is wanted than is there: the shopper has to decide before he can order."""
        return self.quantity > self.available


@dataclass(frozen=True)
class Change:
    """What became of a wish: `asked` for so many, the cart now holds `held`."""

    variant: Variant
    asked: int
    held: int
    available: int


class Cart:
    """One request's view of the cart. However many lines, reading them is one query."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session

    @property
    def _kept(self) -> dict[str, int]:
        return dict(self._session.get(SESSION_KEY, {}))

    @cached_property
    def lines(self) -> list[CartLine]:
        """What is in the cart and still sold, in the order in which it was put there."""
        kept = self._kept
        variants = sold_variants().filter(sku__in=kept).select_related("product__category")
        lines = [CartLine(variant, kept[variant.sku], variant.available) for variant in variants]
        return sorted(lines, key=lambda line: list(kept).index(line.variant.sku))

    @property
    def gone(self) -> list[str]:
        """Skus in the cart that the catalogue no longer knows. They are in no line and in no sum."""
        sold = {line.variant.sku for line in self.lines}
        return [sku for sku in self._kept if sku not in sold]

    @property
    def quantities(self) -> dict[str, int]:
        return {line.variant.sku: line.quantity for line in self.lines}

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def count(self) -> int:
        """Pieces in the cart; asks no database for the catalogue."""
        return sum(self._kept.values())

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def is_short(self) -> bool:
        return any(line.short for line in self.lines)

    def add(self, sku: str, quantity: int) -> Change:
        """Puts so many more in. Raises NoLongerSold, and nothing changed."""
        return self._hold(sku, self._kept.get(sku, 0) + quantity)

    def set(self, sku: str, quantity: int) -> Change:
        """Makes it so many, 0 takes it out. Never more than there are: the change says how many are held."""
        return self._hold(sku, quantity)

    def forget_gone(self) -> list[str]:
        """Takes out what is no longer sold, and says which skus those were."""
        gone = self.gone
        if gone:
            self._keep({sku: quantity for sku, quantity in self._kept.items() if sku not in gone})
        return gone

    def clear(self) -> None:
        self._keep({})

    def _hold(self, sku: str, asked: int) -> Change:
        variant = sold_variants().filter(sku=sku).select_related("product").first()
        if variant is None:
            raise NoLongerSold(sku)
        held = min(asked, max(variant.available, 0))
        if asked and not held:
            held = self._kept.get(sku, 0)  # sold out: what the cart says stays, and the cart page shows it
        self._keep({kept: number for kept, number in {**self._kept, sku: held}.items() if number})
        return Change(variant, asked, held, variant.available)

    def _keep(self, quantities: dict[str, int]) -> None:
        self._session[SESSION_KEY] = quantities
        self.__dict__.pop("lines", None)
