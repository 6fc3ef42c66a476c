"""One select for each option of the shop, so that a variant has at most one value of each."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from shop.catalogue.models import Option, OptionValue


class PicksInput(forms.MultiWidget):
    def __init__(self, options: Sequence[Option]) -> None:
        self.options = options
        super().__init__([forms.Select(attrs={"aria-label": option.name}) for option in options])

    def decompress(self, value: Iterable[OptionValue] | None) -> list[int | None]:
        picked = {value.option_id: value.pk for value in value or []}
        return [picked.get(option.pk) for option in self.options]


class PicksField(forms.MultiValueField):
    """Gives back the values picked; `options` come with their `values`."""

    widget: PicksInput

    def __init__(self, options: Sequence[Option], **kwargs: Any) -> None:
        fields = [_value_field(option) for option in options]
        super().__init__(fields, widget=PicksInput(options), require_all_fields=False, required=False, **kwargs)
        for field, select in zip(fields, self.widget.widgets, strict=True):
            select.choices = field.choices  # type: ignore[attr-defined]

    def compress(self, data_list: list[OptionValue | None]) -> list[OptionValue]:
        return [value for value in data_list if value]


def _value_field(option: Option) -> forms.TypedChoiceField:
    values = {value.pk: value for value in option.values.all()}
    choices = [("", _("%(option)s: none") % {"option": option.name}), *((key, v.name) for key, v in values.items())]
    return forms.TypedChoiceField(
        choices=choices, coerce=lambda key: values.get(int(key)), empty_value=None, required=False
    )
