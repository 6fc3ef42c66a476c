"""What staff do with a question for a price: name one, or say why not."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from orders.deeds import Deed
from orders.lifecycle import Actor
from orders.models import Quotation
from orders.quotations import decline_quote
from queue_table import clock
from shop.catalogue.money import rounded, written
from shop.checkout.exceptions import ChoiceRefused
from shop.checkout.pricing import TOO_LARGE
from shop.checkout.quoting import Quote
from shop.quotes.quoting import Delivery, offer, quoted

LONGEST_DAYS = 365


class QuoteDeed(Deed):
    row: Quotation

    @classmethod
    def fits(cls, row: Quotation) -> bool:
        return row.is_draft


class OfferDeed(QuoteDeed):
    name = "offer"
    asks_twice = True
    title = _("Send the quote")
    text = _("Name the prices. The customer gets a mail with a link by which he takes the quote and pays it, once.")

    def __init__(self, row: Quotation, data: Any = None) -> None:
        super().__init__(row, data)
        order = row.order
        self.lines = list(order.lines.all())
        for line in self.lines:
            self.fields[f"price-{line.pk}"] = forms.DecimalField(
                label=f"{line.title} × {line.quantity}",
                min_value=0,
                max_digits=12,
                decimal_places=3,
                initial=rounded(line.unit_price, order.currency),
                help_text=_("for one piece, in %s") % order.currency,
            )
        shown = {
            "delivery": (forms.CharField(label=_("Delivery"), max_length=80), order.shipping_title or _("Delivery")),
            "shipping": (
                forms.DecimalField(label=_("Delivery costs"), min_value=0, max_digits=12, decimal_places=3),
                rounded(order.shipping, order.currency),
            ),
            "days_min": (
                forms.IntegerField(label=_("Working days, at least"), min_value=0, max_value=365),
                order.days_min if order.days_min is not None else 3,
            ),
            "days_max": (
                forms.IntegerField(label=_("Working days, at most"), min_value=0, max_value=365),
                order.days_max if order.days_max is not None else 5,
            ),
            "valid_until": (
                forms.DateField(label=_("Good until the end of"), widget=forms.DateInput({"type": "date"})),
                timezone.localdate() + timedelta(days=settings.QUOTE_DAYS),
            ),
            "answer": (
                forms.CharField(
                    label=_("Our word to the customer"), max_length=1000, required=False, widget=forms.Textarea
                ),
                row.answer,
            ),
        }
        for name, (field, initial) in shown.items():
            self.fields[name] = field
            self.initial[name] = initial

    def clean_valid_until(self) -> datetime:
        """The last minute of that day, by the shop's own clock."""
        day, today = self.cleaned_data["valid_until"], timezone.localdate()
        if not today <= day <= today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(_("Choose a day from today on, within a year."))
        return datetime.combine(day, time(23, 59), timezone.get_default_timezone())

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not self.errors and said["days_min"] > said["days_max"]:
            self.add_error("days_max", _("At most must not be less than at least."))
        if not self.errors:
            self._check_sums()
        return said

    def _check_sums(self) -> None:
        try:
            sums = self.quote
        except ChoiceRefused as refusal:
            raise forms.ValidationError(list(refusal.problems.values())) from refusal
        if max(sums.total, sums.subtotal) >= TOO_LARGE:
            raise forms.ValidationError(_("This is more than one order can hold. Please make it two."))

    @cached_property
    def quote(self) -> Quote:
        said = self.cleaned_data
        prices: dict[str, Decimal] = {line.sku: said[f"price-{line.pk}"] for line in self.lines}
        delivery = Delivery(
            title=said["delivery"], price=said["shipping"], days_min=said["days_min"], days_max=said["days_max"]
        )
        return quoted(self.row.order, prices, delivery)

    @property
    def outcome(self) -> Sequence[tuple[Any, str]]:
        sums = self.quote
        named = {_("Goods"): sums.subtotal, _("Delivery"): sums.shipping, _("Tax"): sums.tax, _("Total"): sums.total}
        return [(label, written(amount, sums.currency)) for label, amount in named.items()]

    def carry_out(self) -> None:
        said = self.cleaned_data
        offer(self.row.order, self.quote, answer=said["answer"], valid_until=said["valid_until"], now=clock.now())


class DeclineDeed(QuoteDeed):
    name = "decline"
    title = _("Say no")
    text = _("The question ends without a quote. The customer gets a mail with your words.")
    answer = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea)

    def carry_out(self) -> None:
        decline_quote(self.row.order_id, Actor.STAFF, self.cleaned_data["answer"])


DEEDS: dict[str, type[Deed]] = {deed.name: deed for deed in (OfferDeed, DeclineDeed)}
