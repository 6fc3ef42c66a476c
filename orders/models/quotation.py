"""Quotes: what staff answer to a customer who asked for a price."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import OrderStatus
from orders.models.order import Order


class Quotation(models.Model):
    """What makes a draft of an order. Its goods and sums are the order's own rows; they hold nothing until it is taken.

    A draft's `pay_by` says until when the quote is good. `revision` counts the offers: what a customer takes is the one
    that he saw. Changed through `orders.quotations` only.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="quotation", verbose_name=_("order"))
    revision = models.PositiveSmallIntegerField(_("offers made"), default=0)
    answer = models.TextField(_("our word to the customer"), max_length=1000, blank=True)
    asked_at = models.DateTimeField(_("asked for"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("quote"), _("quotes")

    def __str__(self) -> str:
        return str(self.order)

    @property
    def is_draft(self) -> bool:
        return self.order.status == OrderStatus.DRAFT

    @property
    def is_offered(self) -> bool:
        """The customer has a price that he can take, if its time is not over."""
        return self.is_draft and self.revision > 0
