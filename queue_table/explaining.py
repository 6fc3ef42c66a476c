"""Why a row has not run, or how its run ended, and what may be done about it, in a sentence or two."""

from datetime import datetime, timedelta

from django.utils import timezone

from queue_table import clock
from queue_table.counting import AVAILABLE, CAP, CLAIMED
from queue_table.exceptions import UnknownTask
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job, PausedQueue, QueueLimit
from queue_table.routes import find_task
from queue_table.tally import was_worker_seen

SEEN_WITHIN = timedelta(minutes=10)
TEXT_SHOWN = 200


def explain(job: Job) -> str:
    """The reason that stands first in the way of the row, by the database's clock. Moments are in the shop's time."""
    if job.status == Status.READY:
        return _why_it_waits(job)
    if job.status == Status.CLAIMED:
        return _who_has_it(job)
    if job.status == Status.FAILED:
        return _why_it_failed(job)
    return f"Done at {_at(job.finished_at)}, at attempt {job.attempts}."


def _why_it_waits(job: Job) -> str:
    paused = PausedQueue.objects.filter(pk=job.queue).first()
    if paused:
        by = f" by {paused.paused_by}" if paused.paused_by else ""
        return f"Its queue {job.queue} is paused since {_at(paused.paused_at)}{by}, until: resume_queue {job.queue}."
    try:
        find_task(job.task)
    except UnknownTask:
        what_to_do = f"Deploy the code that has it, or give the job up: cancel_jobs --id {job.pk}."
        return f"Waits for a worker that knows its task: there is no {job.task} here. {what_to_do}"
    if job.stage == Stage.BLOCKED:
        return _what_blocks_it(job)
    if job.stage == Stage.SCHEDULED and job.available_at > clock.now():
        before = f" {_attempts(job.attempts)} failed before: {_last_error(job)}." if job.attempts else ""
        return f"Not due before {_at(job.available_at)}.{before} Run now, in the admin, ends its waiting."
    return f"Due since {_at(job.available_at)}. {_who_may_come(job)}"


def _what_blocks_it(job: Job) -> str:
    """Its limit: how many places are taken, and what the rate says. Worked out anew by every worker that comes by."""
    sharing = Job.objects.filter(limit_key=job.limit_key, stage=Stage.AVAILABLE)
    running, admitted = (sharing.filter(status=status).count() for status in (Status.CLAIMED, Status.READY))
    text = f"Blocked by its limit key {job.limit_key}: {running} running and {admitted} admitted jobs hold it."
    limit = QueueLimit.objects.filter(pk=job.limit_key, next_at__gt=clock.now()).first()
    if limit:
        return f"{text} Its rate admits the next at {_at(limit.next_at)}."
    turn = "It follows when one of them is over." if running + admitted else "The next worker admits it."
    return f"{text} {turn}{_if_nobody_comes(job)}"


def _who_may_come(job: Job) -> str:
    same_queue = AVAILABLE.filter(queue=job.queue)
    urgent = same_queue.filter(priority__gt=job.priority)[:CAP].count()
    older = same_queue.filter(priority=job.priority, pk__lt=job.pk)[:CAP].count()
    return f"Rows ahead of it in its queue {job.queue}: {urgent + older}.{_if_nobody_comes(job)}"


def _if_nobody_comes(job: Job) -> str:
    if CLAIMED.filter(queue=job.queue).exists() or was_worker_seen(job.queue, SEEN_WITHIN):
        return ""
    minutes = SEEN_WITHIN // timedelta(minutes=1)
    return f" No worker has been seen in this queue for {minutes} minutes: does cron run process_order_queue for it?"


def _who_has_it(job: Job) -> str:
    over = job.lease_expires_at is not None and job.lease_expires_at < clock.now()
    hope = (
        "The lease is over: the next worker takes it back" if over else f"Its lease is till {_at(job.lease_expires_at)}"
    )
    end = ", but its end was asked for: it is not tried again" if job.cancel_requested_at else ""
    attempt = f"attempt {job.attempts} of {job.max_attempts}"
    return f"Claimed by {job.claimed_by} at {_at(job.claimed_at)}, {attempt}. {hope}{end}."


def _why_it_failed(job: Job) -> str:
    when = "When the cause is mended"
    if job.cancel_requested_at:
        how = f"Cancelled at {_at(job.finished_at)}, after {_attempts(job.attempts)}"
        when = "If it is wanted after all"
    elif job.is_last_attempt:
        how = f"Out of attempts at {_at(job.finished_at)}: all {job.max_attempts} failed"
    else:
        how = f"Failed for good at {_at(job.finished_at)}, at attempt {job.attempts} of {job.max_attempts}"
    again = f"{when}: retry_failed_jobs --id {job.pk}, or Run again in the admin."
    return f"{how}. The last error: {_last_error(job)}. {again}"


def _last_error(job: Job) -> str:
    """Its last line: of a traceback that is the exception."""
    if not job.errors:
        return "none was kept"
    lines = [line.strip() for line in job.errors[-1]["traceback"].splitlines() if line.strip()]
    return lines[-1][:TEXT_SHOWN] if lines else str(job.errors[-1]["exception"])


def _attempts(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"


def _at(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(" ", "seconds") if moment else "a moment that nobody noted"
