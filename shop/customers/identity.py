"""Who a customer is: a reference for the boxes and the queue, where no name may lie, and a name for pages."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from orders.services import GUEST


def reference(user: AbstractBaseUser | AnonymousUser) -> str:
    """`customer:<key>` of somebody who is logged in, `guest` of everybody else."""
    return f"customer:{user.pk}" if user.is_authenticated else GUEST


def display_name(user: User) -> str:
    """What a page calls him: his name if he has told it, else his mail address."""
    return user.first_name or user.email or user.get_username()
