"""What a shopper tells us who asks for a price."""

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.drafts import Contact
from shop.checkout.forms import CheckoutForm, NoteField


class AskForm(CheckoutForm):
    """Contact and wish; delivery and price are the shop's answer."""

    method = voucher = None  # type: ignore[assignment]  # so Django takes a field out
    note = NoteField(
        label=_("What do you need?"),
        help_text=_("How many, until when, with what written on it. Up to 500 characters."),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )

    CHOICES = ("country",)
    ATTRIBUTES = {name: kept for name, kept in CheckoutForm.ATTRIBUTES.items() if name != "voucher"} | {
        "country": {"autocomplete": "country"}
    }

    @property
    def contact(self) -> Contact:
        """Of a valid form."""
        return Contact(**{name: self.cleaned_data[name] for name in self.CONTACT})
