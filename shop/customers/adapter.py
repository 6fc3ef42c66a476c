"""Where our shop differs from what allauth does by itself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop.customers import profiles
from shop.customers.languages import speak
from shop.mails.outbox import post


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Address and password don't belong together. Look for a slip in one of them."),
        "incorrect_code": _("This code does not fit. Write the one that the app shows now."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("That was tried too often. Wait five minutes, then try once more."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leaves by the outbox: a mail server that is down fails no log-in."""
        known = {
            "email": email,
            "shop_name": settings.SHOP_NAME,
            "shop_url": settings.SHOP_URL,
            "language": get_language(),
        }
        message = self.render_mail(template_prefix, email, known | context)
        paragraphs = {"paragraphs": message.body.split("\n\n"), "subject": message.subject}
        message.attach_alternative(render_to_string("account/email/letter.html", known | paragraphs), "text/html")
        post(message)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """A new customer goes on in the language in which he came."""
        super().save_user(request, user, form, commit)
        profiles.remember_language(user, get_language() or settings.LANGUAGE_CODE)
        return user

    def pre_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse | None:
        if user.is_staff and user.email:
            profiles.vouch_for(user)
        return super().pre_login(request, user, **about)  # type: ignore[no-any-return]

    def post_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse:
        """His language, and the orders that he placed as a guest since he was here last."""
        profiles.adopt_guest_orders(user)
        response: HttpResponse = super().post_login(request, user, **about)
        return speak(response, profiles.language_of(user))

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        confirmed: bool = super().confirm_email(request, email_address)
        if confirmed:
            profiles.adopt_guest_orders(email_address.user)
        return confirmed
