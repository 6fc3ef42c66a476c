"""What the sandbox provider's page may say, and what staff may answer, pay back or cancel."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import ReturnStatus
from orders.models import Order, OrderLine, Payment, Refund, Return
from orders.payments.sandbox import Ending
from orders.refunding import refundable, shipping_left, value_of


class SandboxForm(forms.Form):
    """How the payment ends: one of the page's buttons."""

    outcome = forms.ChoiceField(choices=Ending)


class AnswerForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Yes or no, and a word that the customer reads."""

    answer = forms.TypedChoiceField(
        label=_("Answer"),
        choices=[(ReturnStatus.APPROVED, _("Approve")), (ReturnStatus.REJECTED, _("Do not accept"))],
        coerce=ReturnStatus,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Return
        fields = ["note"]
        help_texts = {"note": _("The customer reads it: where to send the goods, or why not.")}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.instance.is_open:
            raise forms.ValidationError(_("It was withdrawn or answered meanwhile. Nothing was changed."))
        if said.get("answer") == ReturnStatus.REJECTED and not said.get("note"):
            self.add_error("note", _("Say why: the customer reads it."))
        return said


class ReasonForm(ActionForm):
    """Beside the choice of an action: why."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class RefundForm(forms.Form):
    """Pieces of each line, the delivery, or a sum of its own; never more than is left."""

    shipping = forms.BooleanField(label=_("The delivery too"), required=False)
    amount = forms.DecimalField(
        label=_("Another sum"),
        required=False,
        min_value=Decimal("0.001"),
        max_digits=12,
        decimal_places=3,
        help_text=_("Instead of what the choice above is worth; alone, it is goodwill."),
    )
    restock = forms.BooleanField(label=_("The pieces are back: sell them again"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), choices=[])
    note = forms.CharField(label=_("Note"), max_length=250, required=False)

    BY_HAND = [Refund.Reason.GOODWILL, Refund.Reason.FAULT, Refund.Reason.RETURNED]

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(data)
        self.order = order
        self.fields["reason"].choices = [(one.value, one.label) for one in self.BY_HAND]  # type: ignore[attr-defined]
        if self.delivery_left <= 0:
            del self.fields["shipping"]
        for line, pieces in self.left.items():
            self.fields[_name(line)] = forms.IntegerField(
                label=line.title, min_value=0, max_value=pieces, initial=0, required=False
            )

    @cached_property
    def left(self) -> dict[OrderLine, int]:
        return refundable(self.order)

    @cached_property
    def delivery_left(self) -> Decimal:
        return shipping_left(self.order)

    @cached_property
    def payment(self) -> Payment | None:
        return Payment.objects.filter(settles=self.order).first()

    @property
    def lines(self) -> list[tuple[OrderLine, int, forms.BoundField]]:
        """Each line with the pieces that are left and its field."""
        return [(line, pieces, self[_name(line)]) for line, pieces in self.left.items()]

    @property
    def others(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith("line-")]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not self.errors and not (self.quantities or said.get("shipping") or said.get("amount")):
            raise forms.ValidationError(_("Nothing is chosen yet."))
        return said

    @property
    def quantities(self) -> dict[int, int]:
        """Pieces by the line's key."""
        asked = {line.pk: self.cleaned_data.get(_name(line)) for line in self.left}
        return {key: pieces for key, pieces in asked.items() if pieces}

    @property
    def wishes(self) -> dict[str, Any]:
        """What `start_refund` is asked for."""
        said = self.cleaned_data
        return {
            "lines": self.quantities,
            "shipping": said.get("shipping", False),
            "amount": said["amount"],
            "restock": said["restock"],
            "reason": Refund.Reason(said["reason"]),
            "note": said["note"],
        }

    @property
    def sum(self) -> Decimal:
        """What would go back."""
        wishes = self.wishes
        return wishes["amount"] or value_of(self.order, wishes["lines"], shipping=wishes["shipping"])


def _name(line: OrderLine) -> str:
    return f"line-{line.pk}"
