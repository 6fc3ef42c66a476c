"""What staff may tell the stock."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import Stock, StockMovement


class ReceiveForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Pieces that came in. The stock's own numbers are no fields: they change by a movement only."""

    received = forms.IntegerField(label=_("Pieces that came in"), min_value=1, max_value=1_000_000, required=False)
    reference = forms.CharField(
        label=_("Delivery note"), max_length=60, required=False, help_text=_("Its number; each is booked once.")
    )

    class Meta:
        model = Stock
        fields: list[str] = []

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        # Two clicks on one note: the second waits here, in the admin's transaction, and sees the first one's movement.
        list(Stock.objects.select_for_update().filter(pk=self.instance.pk))
        movements = StockMovement.objects.filter(stock=self.instance, kind=StockMovement.Kind.RECEIVED)
        if cleaned.get("received") and movements.filter(reference=cleaned.get("reference")).exists():
            self.add_error("reference", _("This delivery note is booked already. Nothing was changed."))
        return cleaned
