"""The carts' jobs."""

from datetime import timedelta

from django.conf import settings

from queue_table import clock
from queue_table.tasks_api import task
from shop.cart.models import KeptLine


@task
def prune_carts() -> None:
    """The duty: forgets the lines of guests whose sessions are over."""
    over = clock.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    KeptLine.objects.filter(holder__startswith="guest:", touched_at__lt=over).delete()
