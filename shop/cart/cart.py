"""The shopper's cart. Prices and stock are read when they are asked for; what he last saw is kept beside them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet
from django.http import HttpRequest

from shop.cart.exceptions import NoLongerSold
from shop.cart.models import KeptLine
from shop.catalogue.edition import edition_of
from shop.catalogue.models import Product, Variant
from shop.catalogue.prepared import Prepared
from shop.catalogue.sold import sold
from shop.customers.identity import reference

SESSION_KEY = "cart"


@dataclass(frozen=True)
class CartLine:
    """A variant in the cart, at the catalogue's price of this moment."""

    variant: Variant
    quantity: int
    available: int
    seen_price: Decimal

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

    @property
    def repriced(self) -> bool:
        """It costs something else than when the shopper last saw it."""
        return self.unit_price != self.seen_price


@dataclass(frozen=True)
class Change:
    """What became of a wish: `asked` for so many in all, or more, where that is more than the cart now holds."""

    variant: Variant
    asked: int
    held: int
    available: int


def cart_of(request: HttpRequest) -> "Cart":
    """The request's one view of the cart: whatever it changes, its pages show."""
    if not hasattr(request, "cart"):
        request.cart = Cart(request)  # type: ignore[attr-defined]
    return request.cart  # type: ignore[attr-defined,no-any-return]


@Prepared
def _kept_by(holder: str) -> QuerySet[KeptLine]:
    return KeptLine.objects.of(holder)


class Cart:
    """One request's view of the cart: a few queries, however many lines, none for a guest without any."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def holder(self) -> str:
        """Who keeps it: a customer, a guest's session, or nobody yet."""
        user = self._request.user
        return reference(user) if user.is_authenticated else str(self._request.session.get(SESSION_KEY, ""))

    @cached_property
    def _kept(self) -> dict[str, KeptLine]:
        return {line.sku: line for line in _kept_by(self.holder)} if self.holder else {}

    @cached_property
    def lines(self) -> list[CartLine]:
        """What is in the cart and still sold, in the order in which it was put there."""
        there = sold(edition_of(self._request), list(self._kept))
        return [
            CartLine(there[sku].variant, line.quantity, there[sku].available, line.seen_price)
            for sku, line in self._kept.items()
            if sku in there
        ]

    @property
    def quantities(self) -> dict[str, int]:
        return {line.variant.sku: line.quantity for line in self.lines}

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def count(self) -> int:
        """Pieces in the cart; asks nothing of the catalogue."""
        return sum(line.quantity for line in self._kept.values())

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def is_short(self) -> bool:
        return any(line.short for line in self.lines)

    @property
    def is_repriced(self) -> bool:
        return any(line.repriced for line in self.lines)

    def add(self, sku: str, quantity: int) -> Change:
        """Puts so many more in. Raises NoLongerSold, and nothing changed."""
        variant, available = self._sold(sku)
        held, fits = self._raise(variant, quantity, available) if available else (self._held(sku), False)
        self._forget()
        return Change(variant, held if fits else held + quantity, held, available)

    def set(self, sku: str, quantity: int) -> Change:
        """Makes it so many, 0 takes it out. Never more than there are: the change says how many are held."""
        variant, available = self._sold(sku)
        if not quantity:
            KeptLine.objects.of(self.holder).filter(sku=sku).delete()
        elif available:
            KeptLine.objects.hold(self._own(), variant, min(quantity, available))
        self._forget()
        return Change(variant, quantity, self._held(sku), available)

    def accept_prices(self, seen: Mapping[str, str]) -> None:
        """The shopper has seen these prices, by sku; what costs something else by now stays told."""
        for line in [
            line for line in self.lines if line.repriced and seen.get(line.variant.sku) == str(line.unit_price)
        ]:
            KeptLine.objects.of(self.holder).filter(sku=line.variant.sku).update(seen_price=line.unit_price)
        self._forget()

    def forget_gone(self) -> list[str]:
        """Takes out what is no longer sold, and says by which titles the shopper knew it."""
        there = self.quantities
        gone = [line for sku, line in self._kept.items() if sku not in there]
        if gone:
            KeptLine.objects.filter(pk__in=[line.pk for line in gone]).delete()
            self._forget()
        return [line.title for line in gone]

    def take_out(self, quantities: dict[str, int]) -> None:
        """Takes out the lines that hold just so many: those that were ordered, and none that changed meanwhile."""
        for sku, quantity in quantities.items():
            KeptLine.objects.of(self.holder).filter(sku=sku, quantity=quantity).delete()
        self._forget()

    def _sold(self, sku: str) -> tuple[Variant, int]:
        """The variant, and how many of it there are."""
        for one in sold(edition_of(self._request), [sku]).values():
            return one.variant, max(one.available, 0)
        raise NoLongerSold(sku)

    def _held(self, sku: str) -> int:
        return self._kept[sku].quantity if sku in self._kept else 0

    def _raise(self, variant: Variant, more: int, available: int) -> tuple[int, bool]:
        if self.holder:
            return KeptLine.objects.raise_by(self.holder, variant, more, available)
        KeptLine.objects.begin(self._own(), variant, min(more, available))
        return min(more, available), more <= available

    def _own(self) -> str:
        """The holder; a guest gets his key now."""
        if not self.holder:
            self._request.session[SESSION_KEY] = f"guest:{secrets.token_urlsafe(24)}"
        return self.holder

    def _forget(self) -> None:
        for name in ("_kept", "lines"):
            self.__dict__.pop(name, None)
