"""What staff may write on a parcel."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.lifecycle import ShipmentStatus
from delivery.models import Shipment


class TrackingNumberForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Entering the number says that the parcel left the house."""

    class Meta:
        model = Shipment
        fields = ["tracking_number"]

    def clean(self) -> dict[str, Any]:
        number = (self.cleaned_data.get("tracking_number") or "").strip()
        if not number:
            self.add_error("tracking_number", _("Enter the carrier's tracking number."))
        if self.instance.status != ShipmentStatus.REQUESTED:
            self.add_error(None, _("This parcel is not waiting for a tracking number."))
        return {"tracking_number": number}
