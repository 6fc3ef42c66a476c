"""Vouchers: may it be used, take it, give it back. Limits hold, because the count moves by one guarded UPDATE."""

from datetime import datetime
from decimal import Decimal
from itertools import count

from django.conf import settings
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from shop.catalogue.money import written
from shop.checkout.buyers import Buyer
from shop.checkout.exceptions import ChoiceRefused
from shop.checkout.models import Voucher, VoucherUse

NO_SUCH_VOUCHER = gettext_lazy("We know no voucher with this code. Look at it once more, or leave the field empty.")


def refusal(voucher: Voucher | None, *, subtotal: Decimal, buyer: Buyer, now: datetime) -> str:
    """Why it can't be used for goods of this sum by this buyer, in words for the shopper; empty if it can."""
    if voucher is None:
        return str(NO_SUCH_VOUCHER)
    if voucher.starts_at and now < voucher.starts_at:
        return _("This voucher is not valid yet: it begins on %(day)s.") % {"day": _day(voucher.starts_at)}
    if voucher.ends_at and now >= voucher.ends_at:
        return _("This voucher is no longer valid: it ended on %(day)s.") % {"day": _day(voucher.ends_at)}
    if subtotal < voucher.least_subtotal:
        return _too_little(voucher, subtotal)
    if voucher.limit_total is not None and voucher.used >= voucher.limit_total:
        return _used_up()
    return "" if _has_turn(voucher, buyer) else _turns_used_up()


def take(voucher: Voucher, *, buyer: Buyer, order_number: str) -> None:
    """Counts one use, in the caller's transaction. Raises ChoiceRefused when a limit is reached."""
    is_left = Q(limit_total=None) | Q(used__lt=F("limit_total"))
    if not Voucher.objects.filter(is_left, pk=voucher.pk).update(used=F("used") + 1):
        raise ChoiceRefused({"voucher": _used_up()})
    # That UPDATE holds the voucher's row: who else would use it waits, so that no turn is seen free by two.
    if not _has_turn(voucher, buyer):
        raise ChoiceRefused({"voucher": _turns_used_up()})
    turn = _free_turn(voucher, buyer.name)
    about = {"customer": buyer.name, "email": buyer.email, "nth": turn}
    VoucherUse.objects.create(voucher=voucher, order_number=order_number, **about)


def take_again(code: str, *, buyer: Buyer, order_number: str) -> None:
    """As `take`, for a voucher that was given back. Raises ChoiceRefused too when there is none any more."""
    voucher = Voucher.objects.filter(code=code).first()
    if voucher is None:
        raise ChoiceRefused({"voucher": str(NO_SUCH_VOUCHER)})
    take(voucher, buyer=buyer, order_number=order_number)


def give_back(order_number: str) -> None:
    """Undoes the use by this order, in the caller's transaction. A second call changes nothing."""
    use = VoucherUse.objects.filter(order_number=order_number).first()
    if use is None:
        return
    list(Voucher.objects.select_for_update().filter(pk=use.voucher_id))  # the voucher before its uses, as in `take`
    deleted, _by_model = VoucherUse.objects.filter(pk=use.pk).delete()
    if deleted:
        Voucher.objects.filter(pk=use.voucher_id).update(used=F("used") - 1)


def _has_turn(voucher: Voucher, buyer: Buyer) -> bool:
    """Of a guest whose address is not known yet nothing can be said: he has."""
    if voucher.limit_per_customer is None or not buyer.name:
        return True
    return VoucherUse.objects.filter(buyer.own_uses, voucher=voucher).count() < voucher.limit_per_customer


def _free_turn(voucher: Voucher, customer: str) -> int:
    """The least number that no use of this customer has: one that was given back is free again."""
    taken = set(VoucherUse.objects.filter(voucher=voucher, customer=customer).values_list("nth", flat=True))
    return next(number for number in count(1) if number not in taken)


def _day(at: datetime) -> str:
    return date_format(localtime(at), pgettext("format of a date", "j F Y"))


def _too_little(voucher: Voucher, subtotal: Decimal) -> str:
    sums = {"least": voucher.least_subtotal, "missing": voucher.least_subtotal - subtotal}
    words = {name: written(amount, settings.SHOP_CURRENCY) for name, amount in sums.items()}
    return _("This voucher is for goods of %(least)s or more: %(missing)s more in your cart, and it is yours.") % words


def _used_up() -> str:
    return _("This voucher has been used up.")


def _turns_used_up() -> str:
    return _("You have used this voucher as often as one may.")
