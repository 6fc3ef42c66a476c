"""The order log."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.acting import acting_person
from orders.chaining import HASHED, link, new_salt, seal
from orders.exceptions import AppendOnly
from orders.lifecycle import Actor
from orders.models.order import Order
from orders.querysets import OrderEventQuerySet

PEOPLE = frozenset({Actor.CUSTOMER, Actor.STAFF})


class OrderEvent(models.Model):
    """The order log: one row per change, written in the transaction of the change, never altered.

    `hash` chains the rows of one order (see orders/chaining.py). `subject` names what moved, such as "payment:7"; it is
    empty where the order itself did. The address is forgotten after ORDER_ADDRESS_DAYS, without breaking the chain.
    """

    class Kind(models.TextChoices):
        QUOTE_ASKED = "quote_asked", _("Quote asked for")
        QUOTE_OFFERED = "quote_offered", _("Quote given")
        QUOTE_DECLINED = "quote_declined", _("Quote declined")
        QUOTE_EXPIRED = "quote_expired", _("Quote not taken in time")
        PLACED = "placed", _("Order placed")
        PAYMENT_STARTED = "payment_started", _("Payment started")
        PAYMENT_FAILED = "payment_failed", _("Payment refused")
        PAYMENT_GIVEN_UP = "payment_given_up", _("Payment given up")
        PAYMENT_HELD = "payment_held", _("Payment held for staff")
        PAYMENT_LATE = "payment_late", _("Payment came when none was awaited")
        PAYMENT_SETTLED = "payment_settled", _("Held payment dealt with")
        AUTHORIZED = "authorized", _("Payment promised")
        CAPTURED = "captured", _("Promised payment taken")
        PAID = "paid", _("Paid")
        REFUND_STARTED = "refund_started", _("Refund started")
        REFUNDED = "refunded", _("Paid back")
        REFUND_FAILED = "refund_failed", _("Refund refused")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Not paid in time")
        DISPATCHED = "dispatched", _("On its way")
        COMPLETED = "completed", _("Received")
        ADOPTED = "adopted", _("Taken into the customer's account")
        RETURN_REQUESTED = "return_requested", _("Return asked for")
        RETURN_APPROVED = "return_approved", _("Return approved")
        RETURN_REJECTED = "return_rejected", _("Return not accepted")
        RETURN_CANCELLED = "return_cancelled", _("Return withdrawn")
        PURCHASE_WITHDRAWN = "purchase_withdrawn", _("Withdrawn from the purchase")
        RETURN_SENT = "return_sent", _("Return on its way")
        RETURN_RECEIVED = "return_received", _("Return back with us")
        RETURN_REFUNDED = "return_refunded", _("Return paid back")

    order = models.ForeignKey(Order, models.PROTECT, related_name="events")
    position = models.PositiveIntegerField(_("place in the log"), editable=False)
    kind = models.CharField(_("event"), max_length=20, choices=Kind)
    subject = models.CharField(_("of"), max_length=32, blank=True)
    from_status = models.CharField(_("from"), max_length=20, blank=True)
    to_status = models.CharField(_("to"), max_length=20, blank=True)
    actor = models.CharField(_("by"), max_length=10, choices=Actor)
    staff_id = models.BigIntegerField(_("staff user"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)
    address = models.CharField(_("IP address"), max_length=45, blank=True)
    address_salt = models.CharField(max_length=32, blank=True, editable=False)
    address_seal = models.CharField(max_length=64, blank=True, editable=False)
    at = models.DateTimeField(_("time"), default=timezone.now)
    hash = models.CharField(max_length=64, editable=False)

    objects = OrderEventQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("order log")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_event_once_per_position")]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Writes a new row behind the order's last one. Raises AppendOnly for a row that is there already."""
        if not self._state.adding:
            raise AppendOnly
        with transaction.atomic(savepoint=False):
            self.join_log()
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise AppendOnly

    def join_log(self) -> None:
        """Takes the next place in the order's log. From here to the commit no other row of this order is written.

        The order's last hash is guessed from the instance in hand and guarded by the UPDATE, which also locks the order
        before the row that refers to it is inserted: MariaDB would deadlock the other way round.
        """
        self._name_the_person()
        known = [self.order] if OrderEvent._meta.get_field("order").is_cached(self) else []
        if not any(self._follow(order) for order in known):
            self._follow(Order.objects.select_for_update().only("log_length", "log_hash").get(pk=self.order_id), known)

    def _follow(self, order: Order, known: Any = ()) -> bool:
        self.position = order.log_length + 1
        self.hash = link(order.log_hash, [getattr(self, name) for name in HASHED])
        moved = Order.objects.lengthen_log(order, self.hash)
        for other in (order, *known) if moved else ():
            other.log_length, other.log_hash = self.position, self.hash
        return moved

    def _name_the_person(self) -> None:
        person = acting_person()
        if person is None or self.actor not in PEOPLE:
            return
        self.address = person.address
        if self.address:
            self.address_salt = new_salt()
            self.address_seal = seal(self.address, self.address_salt)
        if self.actor == Actor.STAFF:
            self.staff_id = person.staff_id
