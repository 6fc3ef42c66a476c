"""allauth's forms in the shop's words."""

from collections.abc import Mapping
from typing import Any

from allauth.account import forms
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.customers.profiles import owners

E_MAIL = {"email": _("E-mail")}
NEW_PASSWORD = {"password1": _("At least 12 characters that nobody would guess. Four words of your own are good.")}


class InOurWords:
    LABELS: Mapping[str, Promise] = {}
    HELP: Mapping[str, Promise] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields  # type: ignore[attr-defined]  # the form's, beside which this class stands
        for name, words in self.LABELS.items():
            fields[name].label = words
        for name, words in self.HELP.items():
            fields[name].help_text = words


class LoginForm(InOurWords, forms.LoginForm):  # type: ignore[misc]  # here and below: allauth has no types
    LABELS = {"login": _("E-mail")}


class SignupForm(InOurWords, forms.SignupForm):  # type: ignore[misc]
    LABELS, HELP = E_MAIL, NEW_PASSWORD

    def validate_unique_email(self, value: str) -> str:
        email: str = super().validate_unique_email(value)
        self.account_already_exists = owners(email).exists()
        return email


class ResetPasswordForm(InOurWords, forms.ResetPasswordForm):  # type: ignore[misc]
    LABELS = E_MAIL

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = list(owners(email).filter(pk__in=[user.pk for user in self.users]))  # type: ignore[has-type]
        return email


class ResetPasswordKeyForm(InOurWords, forms.ResetPasswordKeyForm):  # type: ignore[misc]
    HELP = NEW_PASSWORD


class ChangePasswordForm(InOurWords, forms.ChangePasswordForm):  # type: ignore[misc]
    HELP = NEW_PASSWORD


class AddEmailForm(InOurWords, forms.AddEmailForm):  # type: ignore[misc]
    LABELS = {"email": _("New address")}


class AddPasskeyForm(InOurWords, AddWebAuthnForm):  # type: ignore[misc]
    LABELS = {"name": _("Name"), "passwordless": _("Log in with this alone, without a password")}
    HELP = {
        "name": _("So that you know it again: my telephone, the key on my key ring."),
        "passwordless": _("The device then asks for your finger, your face or a code of its own."),
    }
