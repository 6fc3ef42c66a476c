"""What a guest tells us to find his order again, and what a customer wants to send back."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models import OrderLine, Return
from shop.aftersales.photos import PhotosField


class FindForm(forms.Form):
    """The order's number, however it was typed, and the address its mails go to."""

    number = forms.CharField(
        label=_("Order number"),
        max_length=40,
        help_text=_("Three groups of four, such as AB2C-D3EF-4G5H."),
        error_messages={"required": _("Write the order number. It stands in each of our mails.")},
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"required": _("Write the e-mail address that you ordered with.")},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def clean_number(self) -> str:
        """Letters and figures, upper case, in groups of four: what a person leaves out or adds does no harm."""
        kept = "".join(
            letter for letter in self.cleaned_data["number"].upper() if letter.isascii() and letter.isalnum()
        )
        return "-".join(kept[i : i + 4] for i in range(0, len(kept), 4))


class CancelForm(forms.Form):
    """Why, for who likes to say."""

    class Reason(models.TextChoices):
        CHANGED = "changed", _("I changed my mind")
        MISTAKE = "mistake", _("I ordered it by mistake")
        TOO_LONG = "too_long", _("It takes too long")
        ELSEWHERE = "elsewhere", _("I found it elsewhere")
        OTHER = "other", _("Something else")

    reason = forms.ChoiceField(
        label=_("What is the reason?"), choices=[("", _("I would rather not say")), *Reason.choices], required=False
    )


class PiecesForm(forms.Form):
    """How many pieces of each line. `left` says which lines there are and how many pieces of each at most."""

    all_at_first = False

    def __init__(self, left: Mapping[OrderLine, int], data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.left = left
        every_piece = self.all_at_first or sum(left.values()) == 1
        for line, pieces in left.items():
            self.fields[_name(line)] = forms.IntegerField(
                label=line.title,
                min_value=0,
                max_value=pieces,
                initial=pieces if every_piece else 0,
                required=False,
                error_messages={
                    "invalid": _("Write how many pieces, as a number."),
                    "min_value": _("Write 0 for what you keep."),
                    "max_value": _("Of this you can return %(limit_value)s at most."),
                },
            )

    @property
    def lines(self) -> list[tuple[OrderLine, int, forms.BoundField]]:
        """Each line with the pieces that can come back and its field."""
        return [(line, pieces, self[_name(line)]) for line, pieces in self.left.items()]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.quantities:
            raise forms.ValidationError(_("Nothing is chosen yet: write how many pieces you want to return."))
        return self.cleaned_data

    @property
    def chosen(self) -> list[tuple[OrderLine, int]]:
        """Of a valid form: what is to come back."""
        return [(line, self.quantities[line.pk]) for line in self.left if line.pk in self.quantities]

    @property
    def quantities(self) -> dict[int, int]:
        """Pieces by the line's key, of what is to come back."""
        asked = {line.pk: self.cleaned_data.get(_name(line)) for line in self.left}
        return {key: pieces for key, pieces in asked.items() if pieces}


class ReturnForm(PiecesForm):
    """What comes back, and why."""

    reason = forms.ChoiceField(
        label=_("What is the reason?"),
        choices=[("", _("Choose a reason")), *(one for one in Return.Reason.choices if one[0] != "withdrawal")],
        error_messages={"required": _("Choose the reason that fits best.")},
    )
    words = forms.CharField(
        label=_("In your words"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("What is wrong with it? It helps us to answer quickly."),
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_("Up to 4, of what is wrong. Only you and we see them."),
    )


class WithdrawalForm(PiecesForm):
    """What the customer withdraws from: all of it, unless he says otherwise."""

    all_at_first = True


class SentForm(forms.Form):
    """That the goods are on their way back, and the number by which their parcel is found."""

    tracking_number = forms.CharField(
        label=_("Tracking number"), max_length=64, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )


def _name(line: OrderLine) -> str:
    return f"line-{line.pk}"
