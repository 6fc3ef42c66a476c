"""The account's pages. Whoever is not logged in is sent to the log-in, and comes back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import LANGUAGE_QUERY_PARAMETER
from django.views.i18n import set_language as set_language_cookie

from orders.models import Order
from shop.customers import profiles
from shop.customers.forms import ProfileForm
from shop.customers.identity import reference
from shop.customers.languages import speak

ORDERS_AT_A_GLANCE, ORDERS_PER_PAGE = 3, 10


@never_cache
@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "customers/overview.html", {"orders": _orders(request)[:ORDERS_AT_A_GLANCE]})


@never_cache
@login_required
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """All his orders, newest first. A page that is not there is the nearest that is."""
    page = Paginator(_orders(request), ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "customers/orders.html", {"page": page})


def _orders(request: HttpRequest) -> QuerySet[Order]:
    return Order.objects.filter(customer=reference(request.user)).prefetch_related("lines").order_by("-pk")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = ProfileForm(request.POST or None, initial=_told(user))
    if not form.is_valid():
        return render(request, "customers/profile.html", {"form": form})
    profiles.save_profile(user, **form.cleaned_data)
    with override(form.cleaned_data["language"]):
        messages.success(request, _("Saved."))
    return speak(redirect("account_profile"), form.cleaned_data["language"])


def _told(user: User) -> dict[str, str]:
    return {"name": user.first_name, "language": profiles.language_of(user) or get_language() or ""}


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The switch in the footer. Whoever is logged in finds his choice again on his other devices."""
    answer = set_language_cookie(request)
    chosen = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        profiles.remember_language(request.user, chosen)
    return answer
