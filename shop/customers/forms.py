"""What a customer tells us in his account."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from shop.customers.models import Address


def country_choices() -> list[tuple[str, Any]]:
    return [("", _("Choose a country")), *countries]


class AddressForm(forms.ModelForm[Address]):
    name = forms.CharField(label=_("Full name"), max_length=120)
    address = forms.CharField(label=_("Street and house number"), max_length=300, widget=forms.Textarea({"rows": 2}))
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("Town or city"), max_length=120)
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False, help_text=_("For the courier, if at all."))
    is_default = forms.BooleanField(label=_("Offer this address first"), required=False)

    class Meta:
        model = Address
        fields = ["name", "address", "postcode", "city", "country", "phone", "is_default"]

    AUTOCOMPLETE = {
        "name": "name",
        "address": "street-address",
        "postcode": "postal-code",
        "city": "address-level2",
        "country": "country",
        "phone": "tel",
    }
    MISSING = {
        "name": _("Write the name that stands on your door: the parcel needs it."),
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


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("What we call you here and in mails."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("The pages after you log in, and our mails.")
    )
