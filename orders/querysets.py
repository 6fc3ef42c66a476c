"""Guarded moves: a state changes by one UPDATE that names the states it may come from."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from django.db import models
from django.db.models import F

from orders.exceptions import AppendOnly, IllegalMove
from orders.lifecycle import ORDER_SOURCES, PAYMENT_SOURCES, REFUND_SOURCES, RETURN_SOURCES, OrderStatus
from queue_table.guards import standing

if TYPE_CHECKING:
    from orders.models import InvoiceCounter, Order, OrderEvent, Payment, Refund, Return, ReturnPhoto  # noqa: F401 (named in quotes)


Row = TypeVar("Row", bound=models.Model)
LESS_THAN_ANY_COIN = Decimal("0.0005")  # SQLite keeps decimals as floats: sums may differ by what is no money


class MovableQuerySet(models.QuerySet[Row]):
    """Rows with a status that a transition table rules."""

    sources: dict[Any, frozenset[Any]]

    def move(self, pk: int, target: str, only_from: Collection[str] | None = None, **columns: Any) -> bool:
        """Moves one row. True if this call did it, False if it was there already; else raises IllegalMove.

        `only_from` names those of the table's sources that this verb means.
        """
        sources = self.sources[target].intersection(self.sources[target] if only_from is None else only_from)
        if standing(self, "status", sources).filter(pk=pk).update(status=target, **columns):
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

    def quotes_over(self, as_of: datetime) -> Self:
        """Drafts that nobody took in time."""
        return self.filter(status=OrderStatus.DRAFT, pay_by__lte=as_of)

    def lengthen_log(self, order: "Order", event_hash: str) -> bool:
        """Notes the order's newest event. False if `order` was read before another one was written."""
        rows = self.filter(pk=order.pk, log_length=order.log_length, log_hash=order.log_hash)
        return bool(rows.update(log_length=order.log_length + 1, log_hash=event_hash))


class OrderEventQuerySet(models.QuerySet["OrderEvent"]):
    """Rows are added. There is one way to change them: to forget the addresses of old ones."""

    AT_ONCE = 1000

    def bulk_create(self, objs: Iterable["OrderEvent"], *args: Any, **kwargs: Any) -> list["OrderEvent"]:
        """Each joins the log of its order. In the caller's transaction, with orders that he holds in key order."""
        events = list(objs)
        for event in events:
            event.join_log()
        return super().bulk_create(events, *args, **kwargs)

    def update(self, **columns: Any) -> NoReturn:
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly

    def forget_addresses(self, before: datetime) -> int:
        """Takes the addresses out of all rows older than `before`, a thousand at a time; says how many."""
        old, last, count = self.filter(at__lt=before).exclude(address="").order_by("pk"), 0, 0
        while keys := list(old.filter(pk__gt=last).values_list("pk", flat=True)[: self.AT_ONCE]):
            count += super(OrderEventQuerySet, self.filter(pk__in=keys)).update(address="", address_salt="")
            last = keys[-1]
        return count


class PaymentQuerySet(MovableQuerySet["Payment"]):
    sources = PAYMENT_SOURCES

    def set_aside(self, pk: int, amount: Decimal) -> bool:
        """Marks so much of what came as going back. False if less is left: the row decides, not what was read."""
        enough = self.filter(pk=pk, captured__gt=F("refunded") + (amount - LESS_THAN_ANY_COIN))
        return bool(enough.update(refunded=F("refunded") + amount))

    def keep(self, pk: int, amount: Decimal) -> None:
        """So much does not go back after all."""
        self.filter(pk=pk).update(refunded=F("refunded") - amount)


class RefundQuerySet(MovableQuerySet["Refund"]):
    sources = REFUND_SOURCES


class ReturnQuerySet(MovableQuerySet["Return"]):
    sources = RETURN_SOURCES


class ReturnPhotoQuerySet(models.QuerySet["ReturnPhoto"]):
    def shown(self) -> Self:
        """The rows without the pictures themselves."""
        return self.defer("content")

    def older_than(self, moment: datetime) -> Self:
        return self.filter(taken_in_at__lt=moment)


class InvoiceCounterQuerySet(models.QuerySet["InvoiceCounter"]):
    ONLY = 1

    def locked(self) -> "InvoiceCounter":
        """The one row, held until the caller's transaction ends."""
        return self.select_for_update().get_or_create(pk=self.ONLY)[0]

    def count_up(self, counter: "InvoiceCounter") -> int:
        """The number after the last, for who holds the row. Rolled back, it is free again."""
        self.filter(pk=counter.pk).update(last=counter.last + 1)
        return counter.last + 1
