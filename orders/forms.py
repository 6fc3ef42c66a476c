"""What the sandbox provider's page may say."""

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import PaymentStatus


class OutcomeForm(forms.Form):
    """How the payment ends: one of the page's three buttons."""

    outcome = forms.ChoiceField(
        choices=[
            (PaymentStatus.PAID, _("Pay")),
            (PaymentStatus.FAILED, _("Let it fail")),
            (PaymentStatus.VOIDED, _("Give up")),
        ]
    )
