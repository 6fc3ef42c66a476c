"""The only door to the stock. Each verb runs inside the caller's transaction and refuses to run without one.

Rows are taken in the order of their key, so two orders of the same goods wait for each other and never deadlock.
"""

from collections.abc import Mapping

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import F, QuerySet

from shop.catalogue.exceptions import OutOfStock
from shop.catalogue.models import Stock, StockMovement, Variant

Kind = StockMovement.Kind


def reserve(quantities: Mapping[str, int], reference: str) -> None:
    """Holds the pieces of each sku, all or none. Raises OutOfStock, and the caller's transaction must roll back."""
    _require_transaction()
    keys = _keys(quantities)
    missing = [sku for sku in quantities if sku not in keys]
    short = [sku for sku in keys if not _hold(keys[sku], quantities[sku])]
    if missing or short:
        raise OutOfStock({sku: _available(keys.get(sku)) for sku in [*missing, *short]})
    _record(Kind.RESERVED, {keys[sku]: quantities[sku] for sku in keys}, reference)


def second_hold(reference: str) -> str:
    """The name under which goods are held once more for a cause whose first hold was given back.

    It is another name, so that a late release of the first hold does not free the second.
    """
    return f"{reference}/2"


def look(quantities: Mapping[str, int]) -> None:
    """Raises OutOfStock where there is plainly too little. A mere look, without a lock: only `reserve` holds."""
    left = {sku: _available(key) for sku, key in _keys(quantities).items()}
    short = {sku: left.get(sku, 0) for sku, quantity in quantities.items() if left.get(sku, 0) < quantity}
    if short:
        raise OutOfStock(short)


def release(reference: str) -> None:
    """Gives back what `reference` still holds. A second call changes nothing."""
    held = _take_held(reference)
    for key, quantity in held.items():
        Stock.objects.filter(pk=key).update(reserved=F("reserved") - quantity)
    _record(Kind.RELEASED, held, reference)


def ship(reference: str) -> None:
    """Takes what `reference` holds out of the house. A second call changes nothing."""
    held = _take_held(reference)
    for key, quantity in held.items():
        Stock.objects.filter(pk=key).update(reserved=F("reserved") - quantity, on_hand=F("on_hand") - quantity)
    _record(Kind.SHIPPED, held, reference)


def take_back(quantities: Mapping[str, int], reference: str) -> None:
    """Puts pieces that were sold on the shelf again. A second call with this reference changes nothing."""
    _require_transaction()
    keys = _keys(quantities)
    list(Stock.objects.select_for_update().filter(pk__in=keys.values()).order_by("pk"))
    if StockMovement.objects.filter(reference=reference, kind=Kind.RETURNED).exists():
        return
    for sku, key in keys.items():
        Stock.objects.filter(pk=key).update(on_hand=F("on_hand") + quantities[sku])
    _record(Kind.RETURNED, {keys[sku]: quantities[sku] for sku in keys}, reference)


def receive(quantities: Mapping[str, int], reference: str) -> None:
    """Adds pieces that came in. A reference that came in before raises IntegrityError."""
    _require_transaction()
    keys = _keys(quantities)
    _record(Kind.RECEIVED, {keys[sku]: quantities[sku] for sku in keys}, reference)
    for sku, key in keys.items():
        Stock.objects.filter(pk=key).update(on_hand=F("on_hand") + quantities[sku])


def moved_by_orders(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Those whose pieces orders hold or have taken: they stay, with their stock and their price history.

    Locks the stock of all: no order takes of one between this look and the end of the caller's transaction.
    """
    _require_transaction()
    list(Stock.objects.select_for_update().filter(variant__in=list(variants)).order_by("pk"))
    of_orders = StockMovement.objects.filter(kind__in=StockMovement.BY_ORDERS)
    return variants.filter(pk__in=of_orders.values("stock_id"))


def _keys(quantities: Mapping[str, int]) -> dict[str, int]:
    """The stock row of each sku that has one, in key order."""
    rows = Stock.objects.filter(variant__sku__in=list(quantities)).order_by("pk")
    return dict(rows.values_list("variant__sku", "pk"))


def _hold(key: int, quantity: int) -> int:
    # The guard names columns of this very row only: a guard inside a sub-query is not read again after a lock wait.
    return Stock.objects.filter(pk=key, on_hand__gte=F("reserved") + quantity).update(reserved=F("reserved") + quantity)


def _take_held(reference: str) -> dict[int, int]:
    """What the reference holds, by row, in key order; empty when it was settled before."""
    _require_transaction()
    movements = StockMovement.objects.filter(reference=reference)
    held = dict(movements.filter(kind=Kind.RESERVED).order_by("stock_id").values_list("stock_id", "quantity"))
    # The row locks come first: of two settlers of one cause the second then sees the first one's movements.
    list(Stock.objects.select_for_update().filter(pk__in=held).order_by("pk"))
    return {} if movements.filter(kind__in=[Kind.RELEASED, Kind.SHIPPED]).exists() else held


def _record(kind: str, quantities: Mapping[int, int], reference: str) -> None:
    StockMovement.objects.bulk_create(
        StockMovement(stock_id=key, kind=kind, quantity=quantity, reference=reference)
        for key, quantity in quantities.items()
    )


def _available(key: int | None) -> int:
    row = Stock.objects.filter(pk=key).first()
    return row.available if row else 0


def _require_transaction() -> None:
    if not transaction.get_connection(DEFAULT_DB_ALIAS).in_atomic_block:
        raise transaction.TransactionManagementError("Stock changes belong to the transaction of their cause.")
