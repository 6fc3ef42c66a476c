"""What a guest tells us to get his parcel."""

import secrets
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from orders.drafts import Contact


def country_choices() -> list[tuple[str, Any]]:
    return [("", _("Choose a country")), *countries]


class CheckoutForm(forms.Form):
    """Contact and address; `key` makes a repeated submit the same order, `expected_total` is what the shopper saw."""

    name = forms.CharField(label=_("Full name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("For news of your order, nothing else."))
    address = forms.CharField(label=_("Street and house number"), max_length=300, widget=forms.Textarea({"rows": 2}))
    city = forms.CharField(label=_("Town or city"), max_length=120)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    expected_total = forms.DecimalField(widget=forms.HiddenInput)
    key = forms.CharField(min_length=20, max_length=64, widget=forms.HiddenInput)

    AUTOCOMPLETE = {
        "name": "name",
        "email": "email",
        "address": "street-address",
        "city": "address-level2",
        "postcode": "postal-code",
        "country": "country",
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
        for name, word in self.AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = word
        for name, words in self.MISSING.items():
            self.fields[name].error_messages["required"] = words

    @classmethod
    def fresh(cls, total: Decimal) -> "CheckoutForm":
        """An empty form with a key of its own, for a cart that costs `total`."""
        return cls(initial={"key": secrets.token_urlsafe(32), "expected_total": total})

    @property
    def contact(self) -> Contact:
        return Contact(**{name: self.cleaned_data[name] for name in self.AUTOCOMPLETE})

    def with_total(self, total: Decimal) -> "CheckoutForm":
        """The same input for a cart that now costs `total`: the next submit agrees with what the shopper then sees."""
        return CheckoutForm({name: self.data.get(name) for name in self.fields} | {"expected_total": str(total)})
