"""The shop's own chores."""

from django.contrib.sessions.models import Session

from queue_table import clock
from queue_table.tasks_api import task


@task
def prune_sessions() -> None:
    """The duty: forgets sessions that are over, and with them what only they could reach."""
    Session.objects.filter(expire_date__lt=clock.now()).delete()
