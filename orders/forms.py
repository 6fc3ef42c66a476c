"""What the sandbox provider's page may say, and what staff may answer to a return."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import PaymentStatus, ReturnStatus
from orders.models import Return


class OutcomeForm(forms.Form):
    """How the payment ends: one of the page's three buttons."""

    outcome = forms.ChoiceField(
        choices=[
            (PaymentStatus.PAID, _("Pay")),
            (PaymentStatus.FAILED, _("Let it fail")),
            (PaymentStatus.VOIDED, _("Give up")),
        ]
    )


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
