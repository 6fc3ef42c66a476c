"""The address book's pages. Each address is sought among its owner's: to anybody else it does not exist."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shop.customers.addresses import MOST_ADDRESSES, keep_address, remove_address
from shop.customers.exceptions import BookFull
from shop.customers.forms import AddressForm
from shop.customers.models import Address


@never_cache
@login_required
@require_safe
def address_book(request: HttpRequest) -> HttpResponse:
    return render(request, "customers/addresses.html", {"addresses": Address.objects.filter(user=request.user.pk)})


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    return _edit(request, Address(user_id=cast("int", request.user.pk)))


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, _own(request, pk))


def _edit(request: HttpRequest, address: Address) -> HttpResponse:
    form = AddressForm(request.POST or None, instance=address)
    if form.is_valid():
        try:
            keep_address(form.save(commit=False))
        except BookFull:
            words = _("The book is full: it holds %(most)s addresses. Remove one that you no longer need.")
            form.add_error(None, words % {"most": MOST_ADDRESSES})
        else:
            messages.success(request, _("Saved."))
            return redirect("account_addresses")
    return render(request, "customers/address_form.html", {"form": form, "address": address})


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    remove_address(_own(request, pk))
    messages.success(request, _("Removed. Orders on their way there are not touched."))
    return redirect("account_addresses")


@login_required
@require_POST
def make_default(request: HttpRequest, pk: int) -> HttpResponse:
    address = _own(request, pk)
    Address.objects.filter(user=address.user_id).make_default(address.pk)
    return redirect("account_addresses")


def _own(request: HttpRequest, pk: int) -> Address:
    return get_object_or_404(Address, pk=pk, user=request.user.pk)
