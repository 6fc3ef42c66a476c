"""How orders and queue rows name a customer: a reference, never a name or an address."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

GUEST = "guest"


def reference(user: AbstractBaseUser | AnonymousUser) -> str:
    """`customer:<key>` of somebody who is logged in, `guest` of everybody else."""
    return f"customer:{user.pk}" if user.is_authenticated else GUEST
