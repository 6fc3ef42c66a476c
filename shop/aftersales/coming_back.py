"""The guest's ways back to his order: the link of a mail, and the page that sends the mail again."""

from typing import cast

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from orders.exceptions import UnknownLink
from orders.links import live_link
from queue_table import clock
from shop.aftersales.finding import send_link_again
from shop.aftersales.forms import FindForm
from shop.checkout.access import grant


@never_cache
@require_GET
@sensitive_variables("token")
def order_link(request: HttpRequest, token: str) -> HttpResponse:
    """Exchanges the token for this browser's right to see the order as long as the link is good, and leaves the token
    behind."""
    try:
        link = live_link(token, clock.now())
    except UnknownLink:
        return render(request, "aftersales/link_over.html", {"form": FindForm()}, status=404)
    return grant(request, redirect("order", number=link.order.number), link.order, until=link.expires_at)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def order_find(request: HttpRequest) -> HttpResponse:
    """Asks for number and address and answers always the same: if they belong together, a mail is on its way."""
    if not ratelimit.consume(request, action="order_find"):
        return cast(HttpResponse, ratelimit.respond_429(request))
    form = FindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        send_link_again(form.cleaned_data["number"], form.cleaned_data["email"], clock.now())
        return render(request, "aftersales/find_sent.html", {"email": form.cleaned_data["email"]})
    return render(request, "aftersales/find.html", {"form": form})
