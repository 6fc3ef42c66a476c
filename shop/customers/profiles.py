"""What a customer tells about himself, and what a proven mail address brings him."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from orders.services import adopt_orders
from shop.customers.identity import reference
from shop.customers.models import Profile


def language_of(user: User) -> str:
    """The language that the customer chose; empty if he never did."""
    return Profile.objects.filter(user=user).values_list("language", flat=True).first() or ""


def remember_language(user: User, language: str) -> None:
    Profile.objects.update_or_create(user=user, defaults={"language": language})


@transaction.atomic
def save_profile(user: User, *, name: str, language: str) -> None:
    User.objects.filter(pk=user.pk).update(first_name=name)
    remember_language(user, language)


def adopt_guest_orders(user: User) -> int:
    """Gives him the orders he placed as a guest, under addresses that he has proved to be his. Says how many."""
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return sum(adopt_orders(email, reference(user)) for email in proved)


def owners(email: str) -> QuerySet[User]:
    """Whose address it is: proved to be, or the one he signed up with. An address that somebody else only wishes to
    change to is not his: it must not keep its owner from signing up, nor lead a link mailed to her into his account.
    """
    proved = EmailAddress.objects.filter(email=email, verified=True).values("user")
    return User.objects.filter(Q(email__iexact=email) | Q(pk__in=proved))


def addresses_of(customer: str) -> set[str]:
    """The addresses that the account of this reference has proved, in small letters."""
    key = customer.partition(":")[2]
    proved = EmailAddress.objects.filter(user=key, verified=True) if key.isdecimal() else EmailAddress.objects.none()
    return {email.lower() for email in proved.values_list("email", flat=True)}


def vouch_for(user: User) -> None:
    """Takes a staff member's address as proved: whoever made him staff wrote it down, and may see every order anyway.

    Nothing happens if another account has proved it already.
    """
    first = not EmailAddress.objects.filter(user=user, primary=True).exists()
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email.lower(), defaults={"primary": first})
    if not address.verified:
        address.set_verified()
