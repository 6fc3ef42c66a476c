"""What a guest tells us to find his order again."""

from django import forms
from django.utils.translation import gettext_lazy as _


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
