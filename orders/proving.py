"""Does the log of an order hold together? See chaining.py for how."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from orders.chaining import HASHED, link, seal
from orders.models import Order, OrderEvent

COLUMNS = (*HASHED, "hash", "address", "address_salt")
POSITION, SEAL = HASHED.index("position"), HASHED.index("address_seal")


class BrokenLog(NamedTuple):
    order_id: int
    number: str
    fault: str


def log_fault(order_id: int) -> str | None:
    """What is wrong with the log of this order, in words for staff; None if it is whole."""
    return next((log.fault for log in broken_logs(order_id - 1, order_id)), None)


def broken_logs(after: int, upto: int) -> Iterator[BrokenLog]:
    """The orders with a primary key above `after` and up to `upto` whose log is not what was written.

    Two queries: in a transaction that sees one moment only, no order that is written meanwhile is taken for broken.
    """
    orders = Order.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk")
    heads = list(orders.values_list("pk", "number", "log_length", "log_hash"))
    events = OrderEvent.objects.filter(order_id__gt=after, order_id__lte=upto).order_by("order_id", "position")
    logs = {key: list(rows) for key, rows in groupby(events.values_list(*COLUMNS), key=itemgetter(0))}
    for key, number, length, last_hash in heads:
        fault = _fault(logs.get(key, ()), length, last_hash)
        if fault:
            yield BrokenLog(key, number, fault)


def _fault(rows: Sequence[Any], length: int, last_hash: str) -> str | None:
    before = ""
    for place, row in enumerate(rows, 1):
        *values, kept_hash, address, salt = row
        if row[POSITION] != place:
            return _("Row %(place)d of the log is missing.") % {"place": place}
        if link(before, values) != kept_hash or not _is_sealed(row[SEAL], address, salt):
            return _("Row %(place)d of the log is not what was written.") % {"place": place}
        before = kept_hash
    if len(rows) < length:
        return _("The log is missing its end: it had %(length)d rows.") % {"length": length}
    if (len(rows), before) != (length, last_hash):
        return _("The log's last row is not known to the order.")
    return None


def _is_sealed(kept_seal: str, address: str, salt: str) -> bool:
    """An address that was forgotten took its salt along."""
    return kept_seal == seal(address, salt) if address or salt else True
