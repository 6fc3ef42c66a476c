"""The right to withdraw from a purchase: no reason, no log-in, a page to confirm it, and a mail that proves it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.exceptions import IllegalMove
from orders.models import Order
from orders.returning import withdraw_purchase
from queue_table import clock
from shop.aftersales.forms import WithdrawalForm
from shop.aftersales.standing import Standing
from shop.checkout.access import own_order

MEANT = "meant"  # the hidden field of the page that asks whether he means it: the returns that it knew of


@never_cache
@require_http_methods(["GET", "POST"])
def order_withdrawal(request: HttpRequest, number: str) -> HttpResponse:
    """Which pieces; then, whether he means it; then it is done. When the time is over the page says whom to ask."""
    order = own_order(request, number)
    standing = Standing(order, clock.now())
    if standing.window.is_over(standing.now):
        return render(request, "aftersales/return_over.html", {"order": order, "window": standing.window})
    if not standing.withdrawable:
        messages.info(request, _("There is nothing more to ask back here. This is how the order stands."))
        return redirect("order", number=number)
    form = WithdrawalForm(standing.withdrawable, request.POST if request.method == "POST" else None)
    context = {"order": order, "window": standing.window, "days": settings.RETURN_DAYS, "form": form}
    if not form.is_valid():
        return render(request, "aftersales/withdrawal.html", context)
    if MEANT in request.POST:
        return _withdraw(request, order, form)
    return render(request, "aftersales/withdrawal_confirm.html", context | {"known": len(standing.returns)})


def _withdraw(request: HttpRequest, order: Order, form: WithdrawalForm) -> HttpResponse:
    known = request.POST[MEANT]
    try:
        withdraw_purchase(
            order.pk, form.quantities, known=int(known) if known.isdecimal() and len(known) < 5 else -1, now=clock.now()
        )
    except IllegalMove:
        messages.info(request, _("Meanwhile something was asked back already. This is how the order stands."))
    else:
        messages.success(request, _("You have withdrawn from the purchase. A mail that confirms it is on its way."))
    return redirect("order", number=order.number)
