"""What is always true of vouchers."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from queue_table.invariant import Broken, Invariant, Span
from shop.checkout.models import Voucher


def _miscounted(span: Span) -> Iterator[Broken]:
    counted = Voucher.objects.filter(**span.of()).annotate(uses_count=Count("uses"))
    for voucher in counted.exclude(Q(used=F("uses_count")) & (Q(limit_total=None) | Q(used__lte=F("limit_total")))):
        yield Broken(
            voucher.pk, f"Voucher {voucher}: counted {voucher.used} times, used by {voucher.uses_count} orders."
        )


INVARIANTS = [
    Invariant(
        name="vouchers-are-counted",
        sentence="A voucher was used as often as it counts, and never more often than it may.",
        advice="Set the voucher's end to now, if it lets off more than you meant. Then look at its uses.",
        broken=_miscounted,
        rows=Voucher.objects.all,
    ),
]
