"""Who did what, in the admin's own log."""

from collections.abc import Sequence

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest

from queue_table.models import Job


def note(request: HttpRequest, rows: Sequence[Model], flag: int, text: str = "") -> None:
    """One entry for each row."""
    LogEntry.objects.log_actions(_who(request), rows, flag, text)


def note_many(request: HttpRequest, jobs: str, flag: int, text: str) -> None:
    """One entry for jobs that are too many to be named."""
    kind = ContentType.objects.get_for_model(Job)
    LogEntry.objects.create(
        user_id=_who(request), content_type=kind, action_flag=flag, object_repr=jobs, change_message=text
    )


def _who(request: HttpRequest) -> int:
    return int(request.user.pk or 0)  # nobody else gets past the admin's door
