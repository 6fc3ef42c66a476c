"""Guessing of voucher codes: so many wrong ones in ten minutes, by address and by session, and then no code is looked
up for a while, right or wrong. The counts lie in the database, beside those on log-in."""

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.translation import gettext as _

from shop.checkout import draft
from shop.checkout.forms import CheckoutForm
from shop.checkout.models import Voucher

ACTION = "voucher_guess"
WRONG_KEY = "wrong_voucher"


def refuse_guess(request: HttpRequest, form: CheckoutForm) -> None:
    """Takes the code out of the form, with a word about it, if the shopper has tried too many wrong ones."""
    code = form.cleaned_data.get("voucher", "")
    if code and not _may_be_looked_up(request, code):
        draft.forget_field(request, "voucher")  # or the next page would look it up
        form.add_error(
            "voucher", _("Too many wrong codes. Wait ten minutes, or empty the field and order without one.")
        )


def _may_be_looked_up(request: HttpRequest, code: str) -> bool:
    """A wrong code counts once, however often its page is shown anew."""
    session = request.session
    is_new_wrong = session.get(WRONG_KEY) != code and not Voucher.objects.filter(code=code).exists()
    key = session.session_key or ""
    allowed: bool = ratelimit.consume(request, action=ACTION, key=key, dry_run=not is_new_wrong)
    if allowed and is_new_wrong:
        session[WRONG_KEY] = code
    return allowed
