"""The account's pages: log-in, its security, and what a customer keeps with the shop."""

from collections.abc import Callable

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from playwright.sync_api import Page

from shop.customers.models import Address
from tests.browser.visit import Visit

TRIES = 30
MAIL, PASSWORD = "ada@example.org", "a lantern in the window"


def customer() -> User:
    user = User.objects.create_user("ada", email=MAIL, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=MAIL, verified=True, primary=True)
    return user


def logged_in(visit: Visit) -> User:
    """By the form, so that the log-in is a fresh one."""
    user = customer()
    visit.client.post("/account/login/", {"login": MAIL, "password": PASSWORD})
    return user


def at(path: str) -> Callable[[Visit], str]:
    """An address for whoever is logged in."""

    def comes_there(visit: Visit) -> str:
        logged_in(visit)
        return path

    return comes_there


def _with_orders(visit: Visit) -> str:
    logged_in(visit)
    visit.orders()
    return "/account/orders/"


def _address(user: User) -> Address:
    return Address.objects.create(
        user=user, name="Ada Lovelace", address="12 St James's Square", city="London", postcode="SW1", country="GB"
    )


def _addresses(visit: Visit) -> str:
    _address(logged_in(visit))
    return "/account/addresses/"


def _change_address(visit: Visit) -> str:
    return f"/account/addresses/{_address(logged_in(visit)).pk}/"


def _guessing(visit: Visit) -> str:
    """As many log-ins in a minute as one address may try."""
    for _ in range(TRIES):
        visit.client.post("/account/login/", {"login": MAIL})
    return "/account/login/"


def guess_once_more(page: Page) -> None:
    page.locator("input[type=email]").fill(MAIL)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button").first.click()


def _new_password(visit: Visit) -> str:
    user = customer()
    return f"/account/password/reset/key/{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}/"


def _confirm_mail(visit: Visit) -> str:
    customer()
    EmailAddress.objects.update(verified=False)
    return f"/account/confirm-email/{EmailConfirmationHMAC(EmailAddress.objects.get()).key}/"


def _old_log_in(visit: Visit) -> User:
    """Logged in so long ago that a change of the account's security asks for the password again."""
    user = customer()
    visit.client.force_login(user)
    return user


def _reauthenticate(visit: Visit) -> str:
    _old_log_in(visit)
    return "/account/reauthenticate/"


def _second_factor(user: User) -> None:
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


def _proves_himself(visit: Visit) -> User:
    """Gives the password once more, as changes of the account's security ask."""
    user = logged_in(visit)
    visit.client.post("/account/reauthenticate/", {"password": PASSWORD})
    return user


def proved(path: str) -> Callable[[Visit], str]:
    def comes_there(visit: Visit) -> str:
        _proves_himself(visit)
        return path

    return comes_there


def guarded(path: str) -> Callable[[Visit], str]:
    """An address for whoever is logged in and has a second factor."""

    def comes_there(visit: Visit) -> str:
        _second_factor(_proves_himself(visit))
        return path

    return comes_there


def _asks_for_the_code(visit: Visit) -> str:
    _second_factor(customer())
    visit.client.post("/account/login/", {"login": MAIL, "password": PASSWORD})
    return "/account/2fa/authenticate/"


def _code_again(visit: Visit) -> str:
    _second_factor(_old_log_in(visit))
    return "/account/2fa/reauthenticate/"


def _passkey(user: User) -> Authenticator:
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Telephone"})


def _rename_passkey(visit: Visit) -> str:
    return f"/account/2fa/webauthn/keys/{_passkey(_proves_himself(visit)).pk}/edit/"


def _remove_passkey(visit: Visit) -> str:
    return f"/account/2fa/webauthn/keys/{_passkey(_proves_himself(visit)).pk}/remove/"


def _without_password(visit: Visit) -> str:
    user = customer()
    user.set_unusable_password()
    user.save()
    visit.client.force_login(user)
    return "/account/password/set/"


ACCOUNT_STATES: dict[str, tuple[str, Callable[[Visit], str]]] = {
    "log-in": ("account/login.html", lambda _: "/account/login/"),
    "sign-up": ("account/signup.html", lambda _: "/account/signup/"),
    "sign-up sent": ("account/verification_sent.html", lambda _: "/account/confirm-email/"),
    "mail to be confirmed": ("account/email_confirm.html", _confirm_mail),
    "account that is closed": ("account/account_inactive.html", lambda _: "/account/inactive/"),
    "too many tries": ("429.html", _guessing),
    "password forgotten": ("account/password_reset.html", lambda _: "/account/password/reset/"),
    "password forgotten, sent": ("account/password_reset_done.html", lambda _: "/account/password/reset/done/"),
    "password to be chosen anew": ("account/password_reset_from_key.html", _new_password),
    "password chosen": ("account/password_reset_from_key_done.html", lambda _: "/account/password/reset/key/done/"),
    "log-out": ("account/logout.html", at("/account/logout/")),
    "password asked again": ("account/reauthenticate.html", _reauthenticate),
    "account": ("customers/overview.html", at("/account/")),
    "orders of a customer": ("customers/orders.html", _with_orders),
    "no orders": ("customers/orders.html", at("/account/orders/")),
    "profile": ("customers/profile.html", at("/account/profile/")),
    "addresses": ("customers/addresses.html", _addresses),
    "no addresses": ("customers/addresses.html", at("/account/addresses/")),
    "new address": ("customers/address_form.html", at("/account/addresses/add/")),
    "address to change": ("customers/address_form.html", _change_address),
    "mail address": ("account/email_change.html", at("/account/email/")),
    "password to change": ("account/password_change.html", at("/account/password/change/")),
    "password to be set": ("account/password_set.html", _without_password),
    "security": ("mfa/index.html", at("/account/2fa/")),
    "security with a second factor": ("mfa/index.html", guarded("/account/2fa/")),
    "code asked": ("mfa/authenticate.html", _asks_for_the_code),
    "code asked again": ("mfa/reauthenticate.html", _code_again),
    "app to be added": ("mfa/totp/activate_form.html", proved("/account/2fa/totp/activate/")),
    "app to be removed": ("mfa/totp/deactivate_form.html", guarded("/account/2fa/totp/deactivate/")),
    "recovery codes": ("mfa/recovery_codes/index.html", guarded("/account/2fa/recovery-codes/")),
    "recovery codes anew": ("mfa/recovery_codes/generate.html", guarded("/account/2fa/recovery-codes/generate/")),
    "no passkeys": ("mfa/webauthn/authenticator_list.html", at("/account/2fa/webauthn/")),
    "passkey to be added": ("mfa/webauthn/add_form.html", proved("/account/2fa/webauthn/add/")),
    "passkey to be renamed": ("mfa/webauthn/edit_form.html", _rename_passkey),
    "passkey to be removed": ("mfa/webauthn/authenticator_confirm_delete.html", _remove_passkey),
    "sessions": ("usersessions/usersession_list.html", at("/account/sessions/")),
}

# Pages with an address that nobody comes to here.
UNSEEN = {
    "account/confirm_login_code.html",  # no code is sent to log in with
    "mfa/webauthn/reauthenticate.html",  # asks a real key; it looks as "code asked again" does
}
