"""Stock is held, given back and sent; never sold twice, never lost."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.catalogue import stock
from shop.catalogue.exceptions import OutOfStock
from shop.catalogue.models import Stock, StockMovement, Variant
from tests.at_once import at_once
from tests.factories import VariantFactory

EFFECTS = {
    "received": (1, 0),
    "reserved": (0, 1),
    "released": (0, -1),
    "shipped": (-1, -1),
    "returned": (1, 0),
}  # on_hand, reserved


def reserve(quantities: dict[str, int], reference: str) -> None:
    with transaction.atomic():
        stock.reserve(quantities, reference)


def settle(verb: Callable[[str], None], reference: str) -> None:
    with transaction.atomic():
        verb(reference)


def counts(variant: Variant) -> tuple[int, int]:
    row = Stock.objects.get(pk=variant.pk)
    return row.on_hand, row.reserved


def moved(variant: Variant) -> Iterator[tuple[str, int]]:
    yield from StockMovement.objects.filter(stock=variant.pk).order_by("pk").values_list("kind", "quantity")


@pytest.mark.databases
@pytest.mark.django_db
def test_all_skus_are_reserved_or_none() -> None:
    many, few = VariantFactory(pieces=5), VariantFactory(pieces=1)
    with pytest.raises(OutOfStock) as refusal:
        reserve({many.sku: 2, few.sku: 2}, "A")
    assert refusal.value.shortages == {few.sku: 1}
    assert (counts(many), counts(few)) == ((5, 0), (1, 0))
    assert not StockMovement.objects.filter(reference="A").exists()


@pytest.mark.django_db
def test_an_unknown_sku_is_out_of_stock() -> None:
    with pytest.raises(OutOfStock, match="nowhere"):
        reserve({"nowhere": 1}, "A")


@pytest.mark.django_db
def test_the_last_piece_is_sold_and_no_more() -> None:
    variant = VariantFactory(pieces=2)
    reserve({variant.sku: 2}, "A")
    with pytest.raises(OutOfStock):
        reserve({variant.sku: 1}, "B")
    assert counts(variant) == (2, 2)


@pytest.mark.databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verb", "left", "kind"), [(stock.release, (10, 0), "released"), (stock.ship, (7, 0), "shipped")]
)
def test_what_is_held_is_settled_once(verb: Callable[[str], None], left: tuple[int, int], kind: str) -> None:
    variant = VariantFactory()
    reserve({variant.sku: 3}, "A")
    for again in (verb, verb, stock.release, stock.ship):
        settle(again, "A")
    assert counts(variant) == left
    assert list(moved(variant)) == [("received", 10), ("reserved", 3), (kind, 3)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "verb",
    [
        partial(stock.reserve, {"SKU": 1}, "A"),
        partial(stock.receive, {"SKU": 1}, "A"),
        partial(stock.release, "A"),
        partial(stock.ship, "A"),
    ],
    ids=["reserve", "receive", "release", "ship"],
)
def test_no_verb_works_outside_a_transaction(verb: Callable[[], None]) -> None:
    variant = VariantFactory(sku="SKU")
    reserve({"SKU": 2}, "A")
    with pytest.raises(transaction.TransactionManagementError):
        verb()
    assert counts(variant) == (10, 2)


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_of_two_buyers_of_the_last_piece_exactly_one_gets_it() -> None:
    for _ in range(10):
        variant = VariantFactory(pieces=1)
        outcomes = at_once(*(partial(reserve, {variant.sku: 1}, f"{variant.sku}-{n}") for n in "AB"))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "OutOfStock"]
        assert counts(variant) == (1, 1)


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_orders_of_the_same_goods_never_deadlock() -> None:
    """Some reserve in one order and some in the other; some give back; and the databases sort `a` and `B` their way."""
    skus = [VariantFactory(sku=sku, pieces=1000).sku for sku in ("a1", "B1", "c1", "D1", "e1", "F1")]
    there, back = dict.fromkeys(skus, 1), dict.fromkeys(reversed(skus), 1)
    for n in range(15):
        reserve(there, f"old {n}")
        outcomes = at_once(
            partial(reserve, there, f"there {n}"),
            partial(reserve, back, f"back {n}"),
            partial(settle, stock.release, f"old {n}"),
            partial(settle, stock.ship, f"old {n}"),
        )
        assert outcomes == [None] * 4
    held = set(Stock.objects.values_list("reserved", flat=True))
    assert held == {30}


steps = st.tuples(st.sampled_from(["reserve", "release", "ship"]), st.integers(0, 3), st.integers(1, 4))


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(steps, max_size=25))
def test_after_any_walk_the_movements_add_up(walk: list[tuple[str, int, int]]) -> None:
    variants = [VariantFactory(pieces=6), VariantFactory(pieces=3)]
    for number, (verb, cause, quantity) in enumerate(walk):
        with suppress(OutOfStock):
            if verb == "reserve":
                reserve({v.sku: quantity for v in variants[: 1 + number % 2]}, f"cause {number}")
            else:
                settle(getattr(stock, verb), f"cause {cause}")
    for variant in variants:
        on_hand, reserved = counts(variant)
        sums = [sum(EFFECTS[kind][axis] * quantity for kind, quantity in moved(variant)) for axis in (0, 1)]
        assert [on_hand, reserved] == sums
        assert 0 <= reserved <= on_hand
