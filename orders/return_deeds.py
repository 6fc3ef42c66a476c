"""What staff do with a return after their answer."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.currencies import rounded
from orders.deeds import Deed
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, ReturnStatus
from orders.models import Return, ReturnLine
from orders.return_refunds import refund_return, worth_of_return
from orders.returning import Count, close_return, mark_sent, receive_return


class ReturnDeed(Deed):
    """A step from one of `sources`."""

    sources: ClassVar[frozenset[ReturnStatus]]
    row: Return

    @classmethod
    def fits(cls, row: Return) -> bool:
        return row.status in cls.sources


class ReceiveDeed(ReturnDeed):
    name = "receive"
    sources = frozenset({ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT})
    title = _("It is here: count it")
    text = _("Count what came back of each line. The customer gets a mail, and what can be sold again goes into stock.")

    def __init__(self, asked: Return, data: Any = None) -> None:
        super().__init__(asked, data)
        self.lines = list(asked.lines.select_related("line"))
        for line in self.lines:
            self.fields[_pieces(line)] = forms.IntegerField(
                label=_("%(title)s: pieces that came back") % {"title": line.line.title},
                min_value=0,
                max_value=line.quantity,
                initial=line.quantity,
            )
            self.fields[_restock(line)] = forms.BooleanField(
                label=_("%(title)s: can be sold again") % {"title": line.line.title}, required=False
            )

    def clean(self) -> dict[str, Any]:
        if not self.errors and not any(self.cleaned_data[_pieces(line)] for line in self.lines):
            raise forms.ValidationError(_("If nothing came, close the return instead."))
        return self.cleaned_data

    def carry_out(self) -> None:
        said = self.cleaned_data
        counts = {line.pk: Count(pieces=said[_pieces(line)], restock=said[_restock(line)]) for line in self.lines}
        receive_return(self.row, counts, Actor.STAFF)


class SentDeed(ReturnDeed):
    name = "sent"
    sources = frozenset({ReturnStatus.APPROVED})
    title = _("It is on its way")
    text = _("The customer has told you that the goods are sent.")
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=64, required=False)

    def carry_out(self) -> None:
        mark_sent(self.row, Actor.STAFF, self.cleaned_data["tracking_number"])


class CloseDeed(ReturnDeed):
    name = "close"
    sources = frozenset({ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT})
    title = _("Nothing came: close it")
    text = _("The return ends without money. The customer gets a mail with your words, and may ask again in time.")
    note = forms.CharField(label=_("Why"), max_length=250, help_text=_("The customer reads it."))

    def carry_out(self) -> None:
        close_return(self.row, self.cleaned_data["note"])


class RefundDeed(ReturnDeed):
    name = "refund"
    asks_twice = True
    permissions = ("orders.add_refund",)
    sources = frozenset({ReturnStatus.RECEIVED})
    title = _("Pay it back")
    text = _("The money for the pieces that came goes back the way it came. The customer gets a mail when it is done.")

    def __init__(self, row: Any, data: Any = None) -> None:
        super().__init__(row, data)
        whole = {line.pk: line.quantity for line in row.order.lines.all()}
        came = {line.line_id: line.received for line in row.lines.all()}
        self.fields["shipping"] = forms.BooleanField(
            label=_("What was paid for the delivery, too"),
            required=False,
            initial=row.reason == Return.Reason.WITHDRAWAL and came == whole,
            help_text=_("Who withdraws from the whole purchase gets that back as well."),
        )

    def clean(self) -> dict[str, Any]:
        try:
            self.amount = worth_of_return(self.row, shipping=self.cleaned_data["shipping"])
        except IllegalMove as refusal:
            raise forms.ValidationError(_("Pieces of it were paid back already: look at the order.")) from refusal
        return self.cleaned_data

    @property
    def outcome(self) -> Sequence[tuple[Any, str]]:
        currency = self.row.order.currency
        return [(_("Goes back"), f"{rounded(self.amount, currency)} {currency}")]

    def carry_out(self) -> None:
        refund_return(self.row, Actor.STAFF, shipping=self.cleaned_data["shipping"])


DEEDS: dict[str, type[Deed]] = {deed.name: deed for deed in (ReceiveDeed, SentDeed, RefundDeed, CloseDeed)}
NEXT = {
    ReturnStatus.REQUESTED: _("The customer waits for your answer: approve or refuse it below."),
    ReturnStatus.APPROVED: _("The customer sends the goods. When they are here, count them."),
    ReturnStatus.IN_TRANSIT: _("The goods are on their way. When they are here, count them."),
    ReturnStatus.RECEIVED: _("The goods are here. The customer waits for the money."),
}


def _pieces(line: ReturnLine) -> str:
    return f"pieces-{line.pk}"


def _restock(line: ReturnLine) -> str:
    return f"restock-{line.pk}"
