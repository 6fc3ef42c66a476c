"""What a shopper may say to his cart."""

from django import forms
from django.utils.translation import gettext_lazy as _

WHOLE_NUMBER = _("Please give the quantity as a whole number. Your cart is as it was.")
AT_LEAST_ONE = _("Please ask for one or more. Your cart is as it was.")
NOT_NEGATIVE = _("A quantity can't be less than nothing. Your cart is as it was.")
TOO_MANY_FIGURES = _("That is more than any shop has. Your cart is as it was.")


class AddForm(forms.Form):
    sku = forms.CharField(max_length=40, error_messages={"required": _("Please choose something first.")})
    quantity = forms.IntegerField(
        min_value=1,
        max_value=10**12,
        error_messages={
            "required": WHOLE_NUMBER,
            "invalid": WHOLE_NUMBER,
            "min_value": AT_LEAST_ONE,
            "max_value": TOO_MANY_FIGURES,
        },
    )

    @property
    def complaint(self) -> str:
        """The first thing that is wrong, for the shopper to read."""
        return str(next(iter(self.errors.values()))[0])


class SetForm(AddForm):
    quantity = forms.IntegerField(
        min_value=0,
        max_value=10**12,
        error_messages={
            "required": WHOLE_NUMBER,
            "invalid": WHOLE_NUMBER,
            "min_value": NOT_NEGATIVE,
            "max_value": TOO_MANY_FIGURES,
        },
    )
