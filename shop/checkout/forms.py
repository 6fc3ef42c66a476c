"""What a shopper tells us to get his parcel, and what he was shown when he did."""

import re
import secrets
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from orders.drafts import Contact
from shop.checkout.models import CODE
from shop.checkout.placing import Submit
from shop.checkout.pricing import Choice
from shop.checkout.vouchers import NO_SUCH_VOUCHER

KEY = r"[A-Za-z0-9_-]{20,64}"
EQUALS_NOTHING = Decimal("NaN")


def country_choices() -> list[tuple[str, Any]]:
    return [("", _("Choose a country")), *countries]


class VoucherField(forms.CharField):
    """A code however it is typed; what can't be one is no voucher of ours."""

    def clean(self, value: Any) -> str:
        code = re.sub(r"\s", "", str(value or "")[:1000]).upper()
        if code and not re.fullmatch(CODE, code):
            raise ValidationError(NO_SUCH_VOUCHER)
        return code


class MethodField(forms.CharField):
    """A code that is looked for among those on offer, and nowhere else."""

    def clean(self, value: Any) -> str:
        return str(value or "")


class NoteField(forms.CharField):
    """Browsers count a line's end as one character and send it as two."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class CheckoutForm(forms.Form):
    """Contact, address and choices. What of the page is hidden is read by `submit` and never complained about."""

    name = forms.CharField(label=_("Full name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("For news of your order, nothing else."))
    address = forms.CharField(label=_("Street and house number"), max_length=300, widget=forms.Textarea({"rows": 2}))
    city = forms.CharField(label=_("Town or city"), max_length=120)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    keep_address = forms.BooleanField(label=_("Keep this address in my address book"), required=False)
    method = MethodField(label=_("Delivery"), required=False)
    note = NoteField(
        label=_("A word to us"),
        help_text=_("A wish for the parcel, or where to leave it. Up to 500 characters."),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    voucher = VoucherField(label=_("Voucher"), required=False)

    CONTACT = ("name", "email", "address", "city", "postcode", "country")
    CHOICES: tuple[str, ...] = ("country", "method", "voucher")
    ATTRIBUTES = {
        "name": {"autocomplete": "name"},
        "email": {"autocomplete": "email"},
        "address": {"autocomplete": "street-address"},
        "city": {"autocomplete": "address-level2"},
        "postcode": {"autocomplete": "postal-code"},
        "country": {"autocomplete": "country", "aria-describedby": "country-note"},
        "voucher": {
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "aria-describedby": "voucher-note",
        },
    }
    MISSING = {
        "name": _("Write the name that stands on your door: the parcel needs it."),
        "email": _("Write your e-mail address: news of your order goes there."),
        "address": _("Write street and house number."),
        "city": _("Write the town or city."),
        "country": _("Choose the country."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, attributes in self.ATTRIBUTES.items():
            self.fields[name].widget.attrs |= attributes
        for name, words in self.MISSING.items():
            self.fields[name].error_messages["required"] = words

    def clean(self) -> dict[str, Any]:
        if not re.fullmatch(KEY, self.data.get("key", "")):
            raise ValidationError(
                _("This page had grown old. Nothing is ordered yet: look at the sum, then order again.")
            )
        return self.cleaned_data

    @cached_property
    def key(self) -> str:
        """Makes a repeated submit the same order: the one that came with the form, or a new one."""
        sent = self.data.get("key", "")
        return sent if re.fullmatch(KEY, sent) else secrets.token_urlsafe(32)

    def spare(self) -> Self:
        """Keeps back the complaints about all but the choices: the shopper is not through with the rest."""
        for name in [name for name in self.errors if name not in self.CHOICES or not self.data.get(name)]:
            del self.errors[name]
        return self

    def complain(self, problems: Mapping[str, str]) -> None:
        """Adds these problems, by field, where none is told yet."""
        for name, words in problems.items():
            if not self.errors.get(name or NON_FIELD_ERRORS):
                self.add_error(name or None, words)

    def choice(self, customer: str) -> Choice:
        """What was chosen, as far as it makes sense already; without a country, the shop's own."""
        known = self.cleaned_data
        return Choice(
            country=known.get("country") or settings.SHOP_COUNTRY,
            method=known.get("method", ""),
            voucher=known.get("voucher", ""),
            email=known.get("email", ""),
            customer=customer,
        )

    @property
    def contact(self) -> Contact:
        """Of a valid form."""
        return Contact(**{name: self.cleaned_data[name] for name in self.CONTACT})

    def submit(self, customer: str) -> Submit:
        """Of a valid form."""
        return Submit(
            key=self.key,
            contact=self.contact,
            expected_total=_amount(self.data.get("expected_total", "")),
            seen=self.data.get("seen", ""),
            customer=customer,
            **{name: self.cleaned_data[name] for name in ("method", "voucher", "note")},
        )


def _amount(text: str) -> Decimal:
    """A sum as a page sent it; NaN, which equals no sum, of what is none."""
    try:
        amount = Decimal(text[:40])
    except InvalidOperation:
        return EQUALS_NOTHING
    return amount if amount.is_finite() else EQUALS_NOTHING
