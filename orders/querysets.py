"""Guarded moves: a state changes by one UPDATE that names the states it may come from."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

from orders.exceptions import IllegalMove
from orders.lifecycle import ORDER_SOURCES, PAYMENT_SOURCES, RETURN_SOURCES, OrderStatus
from queue_table.guards import standing

if TYPE_CHECKING:
    from orders.models import InvoiceCounter, Order, Payment, Return  # noqa: F401 (named in quotes)


Row = TypeVar("Row", bound=models.Model)


class MovableQuerySet(models.QuerySet[Row]):
    """Rows with a status that a transition table rules."""

    sources: dict[Any, frozenset[Any]]

    def move(self, pk: int, target: str, **columns: Any) -> bool:
        """Moves one row. True if this call did it, False if it was there already; else raises IllegalMove."""
        if standing(self, "status", self.sources[target]).filter(pk=pk).update(status=target, **columns):
            return True
        status = self.values_list("status", flat=True).get(pk=pk)
        if status == target:
            return False
        raise IllegalMove(f"{self.model.__name__} {pk} is {status}: it can't become {target}")


class OrderQuerySet(MovableQuerySet["Order"]):
    sources = ORDER_SOURCES

    def unpaid_since(self, as_of: datetime) -> Self:
        """Orders whose time to pay was over at `as_of`."""
        return self.filter(status=OrderStatus.PENDING, pay_by__lte=as_of)


class PaymentQuerySet(MovableQuerySet["Payment"]):
    sources = PAYMENT_SOURCES


class ReturnQuerySet(MovableQuerySet["Return"]):
    sources = RETURN_SOURCES


class InvoiceCounterQuerySet(models.QuerySet["InvoiceCounter"]):
    ONLY = 1

    def locked(self) -> "InvoiceCounter":
        """The one row, held until the caller's transaction ends."""
        return self.select_for_update().get_or_create(pk=self.ONLY)[0]

    def count_up(self, counter: "InvoiceCounter") -> int:
        """The number after the last, for who holds the row. Rolled back, it is free again."""
        self.filter(pk=counter.pk).update(last=counter.last + 1)
        return counter.last + 1
