"""The admin, entered by the shop's own log-in: one door, with its limits, its second factor, its list of sessions."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


class ShopAdminSite(admin.AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and _is_proved(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Never shows Django's own form: it would ask for a password and forget the second factor."""
        answer: HttpResponse = secure_admin_login(self._welcome)(request)
        return answer

    def _welcome(self, request: HttpRequest) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        messages.warning(request, _("Staff need a second factor. Set one up, then the admin opens."))
        return redirect("mfa_activate_totp")


def _is_proved(request: HttpRequest) -> bool:
    """Who has a second factor cannot have logged in without it."""
    return not settings.STAFF_SECOND_FACTOR or is_mfa_enabled(request.user)
