"""What a job may ask and say about itself while it runs."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from queue_table.claims import Claim
from queue_table.exceptions import Cancelled, LostClaim, QueueError
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.running import CURRENT, check_cancelled, current, progress_of, report_progress
from shop.catalogue.models import Category
from tests import sample_tasks
from tests.queue_rows import again, claim_one, end_lease, put, rescue, run_worker
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.fixture(autouse=True)
def _outside_of_any_job() -> Iterator[None]:
    token = CURRENT.set(None)
    yield
    CURRENT.reset(token)


@pytest.fixture
def held() -> Iterator[Claim]:
    """A row that this test performs."""
    put(add, 1, 1)
    claim = claim_one()
    token = CURRENT.set(claim)
    yield claim
    CURRENT.reset(token)


def test_a_job_knows_itself_and_others_see_its_progress_at_once() -> None:
    job = put(sample_tasks.tell_progress)
    Job.objects.filter(pk=job.pk).update(attempts=2)
    run_worker()
    assert again(job).result == [[job.pk, 3], [1, 3, "one of three"]]
    assert progress_of(job.pk) == (2.5, 3, "")


def test_an_async_job_reports_too() -> None:
    job = put(sample_tasks.tell_progress_later)
    run_worker()
    assert progress_of(job.pk) == (1, None, "async")


def test_there_is_nothing_to_know_where_no_job_runs() -> None:
    assert current() is None
    for ask in (check_cancelled, lambda: report_progress(1)):
        with pytest.raises(QueueError, match="no job"):
            ask()
    assert (progress_of(0), progress_of(put(add, 1, 1).pk)) == (None, None)


def test_a_job_that_staff_want_to_end_ends_where_it_asks() -> None:
    job = put(sample_tasks.work_until_cancelled, "half")
    run_worker()
    cancelled = again(job)
    assert (cancelled.status, cancelled.errors[0]["exception"]) == (Status.FAILED, "queue_table.exceptions.Cancelled")
    assert not Category.objects.exists(), "it was atomic"


def test_only_a_request_ends_a_job(held: Claim) -> None:
    check_cancelled()
    Job.objects.filter(pk=held.pk).update(cancel_requested_at=Now())
    with pytest.raises(Cancelled):
        check_cancelled()


@pytest.mark.parametrize("say", [check_cancelled, lambda: report_progress(1)])
@pytest.mark.parametrize("in_transaction", [True, False])
def test_who_lost_the_row_is_told_and_writes_nothing(
    held: Claim, say: Callable[[], None], in_transaction: bool
) -> None:
    end_lease(held)
    rescue(held)
    claim_one("another")
    with pytest.raises(LostClaim):
        _say(say, in_transaction)
    assert progress_of(held.pk) is None


def _say(say: Callable[[], None], in_transaction: bool) -> None:
    if in_transaction:
        with transaction.atomic():
            say()
    else:
        say()


def test_progress_in_a_transaction_locks_no_row(held: Claim) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        report_progress(1, 2)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


def test_a_note_that_no_column_could_hold_is_made_fit(held: Claim) -> None:
    for note, kept in (("x" * 10_000, "x" * 500), ("nul \0, half \ud800", "nul , half \\ud800")):
        report_progress(1, note=note)
        assert progress_of(held.pk) == (1, None, kept)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), 10**400, "3", None])
def test_progress_that_is_no_number_is_refused(held: Claim, odd: object) -> None:
    with pytest.raises(ValueError, match="done"):
        report_progress(odd)  # type: ignore[arg-type]
    if odd is not None:
        with transaction.atomic(), pytest.raises(ValueError, match="total"):
            report_progress(1, odd)  # type: ignore[arg-type]
    assert progress_of(held.pk) is None
