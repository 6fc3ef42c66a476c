"""The last checks are kept, and staff hear of what is broken when it changes."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from shop.mails.outbox import send_later
from shop.ops.invariants.checking import Report
from shop.ops.models import InvariantCheck


@transaction.atomic
def keep(report: Report, now: datetime) -> InvariantCheck:
    """Writes the report down, and a mail to each of DEVELOPER_EMAILS if it is not clean and not what the last one was.

    So the same fault is told once, and not each day. The oldest checks go.
    """
    before = InvariantCheck.objects.order_by("-pk").first()
    check = InvariantCheck.objects.create(checked_at=now, is_clean=report.clean, result=report.as_dict())
    if not check.is_clean and (before is None or before.what_is_broken != check.what_is_broken):
        _tell(check)
    kept = InvariantCheck.objects.order_by("-pk").values_list("pk", flat=True)[: InvariantCheck.KEPT]
    InvariantCheck.objects.filter(pk__lt=list(kept)[-1]).delete()
    return check


def _tell(check: InvariantCheck) -> None:
    link = settings.SHOP_URL + reverse("admin:ops_invariantcheck_change", args=[check.pk])
    for _name, address in settings.ADMINS:
        context = {"check": check, "link": link}
        send_later("invariants_broken", to=address, context=context, language=settings.LANGUAGE_CODE)
