"""The queue in the admin: every job to read, in a table of any size, and the few things to do, each asked first."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from queue_table.admin import changelist, newest
from queue_table.admin import redriving as redriving_page
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job
from tests.queue_rows import again, claim_one, put, run_worker
from tests.sample_tasks import add, discard, raise_error, raise_once
from tests.test_security_headers import Inline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
LIST = "admin:queue_table_job_changelist"
MARKED = "_selected_action"


def staff(client: Client, *permissions: str) -> Client:
    user = User.objects.create_user("sam", password="not-used-here", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


@pytest.fixture
def operator(client: Client) -> Client:
    return staff(client, "view_job", "change_job")


def press(client: Client, action: str, *jobs: Job, **fields: object) -> str:
    """Chooses the action in the list and gives back the page that asks, or the list with its message."""
    data = {"action": action, MARKED: [job.pk for job in jobs], **fields}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def confirm(client: Client, action: str, *jobs: Job, **fields: object) -> str:
    return press(client, action, *jobs, confirmed="yes", **fields)


def page_of(client: Client, job: Job) -> str:
    return client.get(reverse("admin:queue_table_job_change", args=[job.pk])).content.decode()


def listed(client: Client, **query: object) -> list[int]:
    return [job.pk for job in client.get(reverse(LIST), query).context_data["cl"].result_list]  # type: ignore[attr-defined]


def failed(task: object = raise_once) -> Job:
    job = put(task)
    run_worker()
    Job.objects.filter(kind="duty").delete()
    assert again(job).status == Status.FAILED
    return again(job)


def later(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(stage=Stage.SCHEDULED, available_at=Now() + timedelta(hours=1))
    return again(job)


def test_a_jobs_page_tells_each_attempts_error_and_why_it_waits(operator: Client) -> None:
    job = put(raise_error)
    run_worker()
    first = {"attempt": 1, "at": "2026-11-21T10:00:00+00:00", "exception": "a.Fault", "traceback": "<b>first</b>"}
    Job.objects.filter(pk=job.pk).update(
        errors=[first, *again(job).errors], progress={"done": 3, "total": 12, "note": "parcels"}
    )
    page = page_of(operator, job)
    assert page.index("builtins.RuntimeError</b>") < page.index("a.Fault</b>")
    assert "the carrier is on strike" in page
    assert "<pre>&lt;b&gt;first&lt;/b&gt;</pre>" in page
    assert '<progress max="12" value="3">' in page
    assert "Not due before" in page
    assert 'name="_save"' not in page


def test_nothing_is_shown_of_columns_that_are_empty(operator: Client) -> None:
    page = page_of(operator, put(add, 1, 1))
    assert "Queue:" in page
    assert "Limit key:" not in page
    assert "Progress:" not in page


@pytest.mark.parametrize(
    ("state", "does"),
    [("failed", {"run_again"}), ("scheduled", {"run_now", "cancel"}), ("due", {"cancel"}), ("done", set())],
)
def test_a_jobs_page_offers_what_can_be_done(operator: Client, state: str, does: set[str]) -> None:
    job = failed() if state == "failed" else put(add, 1, 1)
    if state == "scheduled":
        later(job)
    if state == "done":
        run_worker()
    page = page_of(operator, job)
    assert {name for name in ("run_again", "run_now", "cancel") if f'value="{name}"' in page} == does


def test_a_failed_job_is_run_again_when_staff_confirm_it_and_that_is_logged(operator: Client) -> None:
    job = failed()
    assert "Yes, run again" in press(operator, "run_again", job)
    assert again(job).status == Status.FAILED
    assert "1 failed job will run again." in confirm(operator, "run_again", job)
    assert (again(job).status, again(job).attempts) == (Status.READY, 0)
    entry = LogEntry.objects.get(object_id=str(job.pk))
    assert (entry.user.get_username(), entry.change_message) == ("sam", "run again")


def test_a_scheduled_job_runs_now(operator: Client) -> None:
    job = later(put(add, 1, 1))
    press(operator, "run_now", job)
    assert again(job).stage == Stage.SCHEDULED
    assert "1 scheduled job runs now." in confirm(operator, "run_now", job)
    assert again(job).stage == Stage.AVAILABLE


def test_jobs_are_cancelled_with_a_reason(operator: Client) -> None:
    running = put(add, 1, 1)
    claim_one()
    waiting = put(add, 1, 1)
    assert 'name="reason"' in press(operator, "cancel", waiting, running)
    assert again(waiting).status == Status.READY
    page = confirm(operator, "cancel", waiting, running, reason="wrong price")
    assert "Cancelled: 1. Running, and asked to end: 1." in page
    assert again(waiting).errors[-1]["traceback"] == "cancelled by sam: wrong price"
    assert again(running).cancel_requested_at is not None
    assert LogEntry.objects.filter(change_message="cancel").count() == 2


def test_a_reason_that_is_too_long_is_asked_again(operator: Client) -> None:
    job = put(add, 1, 1)
    assert 'name="reason"' in confirm(operator, "cancel", job, reason="x" * 201)
    assert again(job).status == Status.READY


def test_a_button_on_a_jobs_page_leads_back_to_it(operator: Client) -> None:
    job = failed()
    data = {"action": "run_again", MARKED: [job.pk], "own_page": job.pk}
    assert f'name="own_page" value="{job.pk}"' in operator.post(reverse(LIST), data).content.decode()
    answer = operator.post(reverse(LIST), {**data, "confirmed": "yes"})
    assert answer.headers["Location"] == reverse("admin:queue_table_job_change", args=[job.pk])


@pytest.mark.parametrize("action", ["run_again", "run_now", "cancel"])
def test_a_job_in_another_state_is_left_alone(operator: Client, action: str) -> None:
    job = put(add, 1, 1)
    run_worker()
    assert "None of the chosen jobs" in confirm(operator, action, job)
    assert again(job).status == Status.DONE


@pytest.mark.parametrize("action", ["run_again", "run_now", "cancel"])
def test_who_may_only_look_changes_nothing(client: Client, action: str) -> None:
    jobs = [failed(), later(put(add, 1, 1))]
    staff(client, "view_job")
    confirm(client, action, *jobs)
    assert [again(job).updated_at for job in jobs] == [job.updated_at for job in jobs]
    assert 'value="run_again"' not in page_of(client, jobs[0])


def test_an_action_goes_to_the_marked_jobs_alone(operator: Client) -> None:
    job, other = failed(), failed()
    confirm(operator, "run_again", job, select_across=1)
    assert (again(job).status, again(other).status) == (Status.READY, Status.FAILED)


def test_nobody_adds_edits_or_deletes_rows_by_hand(client: Client) -> None:
    job = put(add, 1, 1)
    staff(client, "view_job", "add_job", "change_job", "delete_job")
    assert client.get(reverse("admin:queue_table_job_add")).status_code == 403
    assert client.post(reverse("admin:queue_table_job_delete", args=[job.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:queue_table_job_change", args=[job.pk]), {"status": 1}).status_code == 403
    assert again(job).status == Status.READY


def test_the_list_is_narrowed_by_state(operator: Client) -> None:
    jobs = {"failed": failed(), "done": put(add, 1, 1)}
    run_worker()
    jobs["running"] = put(add, 1, 1)
    claim_one()
    jobs |= {"due": put(add, 1, 1), "scheduled": later(put(add, 1, 1)), "blocked": put(add, 1, 1)}
    Job.objects.filter(pk=jobs["blocked"].pk).update(stage=Stage.BLOCKED, limit_key="carrier")
    Job.objects.filter(kind="duty").delete()
    assert {state: listed(operator, state=state) for state in jobs} == {s: [job.pk] for s, job in jobs.items()}


def test_the_list_is_narrowed_by_queue_and_kind_and_offers_the_names(operator: Client) -> None:
    mail, order = put(add.using(queue_name="mail"), 1, 1), put(add, 1, 1, kind="order.overdue")
    put(add, 1, 1)
    assert listed(operator, queue="mail") == [mail.pk]
    assert listed(operator, kind="order.overdue") == [order.pk]
    assert listed(operator, queue="mail", kind="order.overdue") == []
    page = operator.get(reverse(LIST)).content.decode()
    assert all(f"?{choice}" in page for choice in ("queue=mail", "kind=order.overdue", "kind=order.confirmed"))


def test_the_list_is_searched_by_number_order_key_and_customer(operator: Client) -> None:
    number, key = put(add, 1, 1), put(add, 1, 1, dedupe_key="duty:7")
    order, customer = put(add, 1, 1, order_id=10**12), put(add, 1, 1, user_info="customer:17")
    assert listed(operator, q=f" {number.pk} ") == [number.pk]
    assert listed(operator, q="duty:7") == [key.pk]
    assert listed(operator, q=10**12) == [order.pk]
    assert listed(operator, q="customer:17") == [customer.pk]
    assert listed(operator, q="9" * 40) == []
    assert listed(operator, q="nobody") == []


def test_older_jobs_are_a_page_further(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queue_table.admin.jobs.JobAdmin.list_per_page", 2)
    keys = [put(add, 1, 1).pk for _ in range(5)][::-1]
    found, query = [], "?queue=default"
    while query:
        shown = operator.get(reverse(LIST) + query).context_data["cl"]  # type: ignore[attr-defined]
        found.append([job.pk for job in shown.result_list])
        query = shown.older()
    assert found == [keys[:2], keys[2:4], keys[4:]]


def test_another_filter_begins_with_the_newest_again(operator: Client) -> None:
    first, _ = put(add, 1, 1), put(add, 1, 1)
    page = operator.get(reverse(LIST), {"before": first.pk + 1}).content.decode()
    assert listed(operator, before=first.pk + 1) == [first.pk]
    assert "state=failed" in page
    assert "state=failed&amp;before" not in page
    assert "before=" not in page


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "0", ""])
def test_an_odd_place_in_the_list_is_no_error(operator: Client, before: str) -> None:
    put(add, 1, 1)
    assert operator.get(reverse(LIST), {"before": before}).status_code == 200


def test_a_look_that_finds_nothing_ends_and_can_be_gone_on_with(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rare, *_ = [put(add.using(queue_name="mail" if not at else "default"), 1, 1) for at in range(6)]
    monkeypatch.setattr(changelist, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(newest, "FIRST_STRETCH", 3)
    first = operator.get(reverse(LIST), {"queue": "mail"})
    assert first.context_data["cl"].result_list == []  # type: ignore[attr-defined]
    assert "Look among older ones" in first.content.decode()
    older = operator.get(reverse(LIST) + first.context_data["cl"].older())  # type: ignore[attr-defined]
    assert [job.pk for job in older.context_data["cl"].result_list] == [rare.pk]  # type: ignore[attr-defined]
    assert "Look among older ones" not in older.content.decode()


def test_the_list_counts_nothing_and_looks_for_no_distinct_names(operator: Client) -> None:
    put(add, 1, 1)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        operator.get(reverse(LIST))
    statements = [query["sql"] for query in asked if "order_queue" in query["sql"] and "tally" not in query["sql"]]
    assert statements
    assert not [sql for sql in statements if "COUNT(" in sql or "DISTINCT" in sql or "errors" in sql]


def test_failed_jobs_are_chosen_by_what_is_known_and_run_again_when_confirmed(operator: Client) -> None:
    job, other = failed(raise_once), failed(discard)
    address = reverse("admin:queue_table_job_redrive")
    assert operator.get(address).context_data["keys"] is None  # type: ignore[attr-defined]
    look = operator.get(address, {"exception": "only one try"})
    assert look.context_data["keys"] == [job.pk]  # type: ignore[attr-defined]
    assert "1 failed job<" in look.content.decode()
    operator.post(address, {"exception": "only one try"})
    assert again(job).status == Status.FAILED
    done = operator.post(address, {"exception": "only one try", "confirmed": "yes"}, follow=True)
    assert "1 failed job will run again." in done.content.decode()
    assert (again(job).status, again(other).status) == (Status.READY, Status.FAILED)
    assert LogEntry.objects.get().change_message == "run again: exception only one try"


def test_failed_jobs_are_chosen_by_when_they_failed(operator: Client) -> None:
    old, young = failed(), failed()
    Job.objects.filter(pk=old.pk).update(finished_at=Now() - timedelta(days=3))
    address, day = reverse("admin:queue_table_job_redrive"), (young.finished_at or young.created_at) - timedelta(days=1)
    for name, found in (("failed_before", old), ("failed_since", young)):
        look = operator.get(address, {name: day.strftime("%Y-%m-%dT%H:%M")})
        assert look.context_data["keys"] == [found.pk], name  # type: ignore[attr-defined]
    assert operator.get(address, {"failed_since": "soon"}).context_data["keys"] is None  # type: ignore[attr-defined]


def test_one_press_runs_no_more_than_its_bound_again(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redriving_page, "MOST", 1)
    first, second = failed(), failed()
    answer = operator.post(
        reverse("admin:queue_table_job_redrive"), {"queue": "default", "confirmed": "yes"}, follow=True
    )
    assert "There are more: press again." in answer.content.decode()
    assert (again(first).status, again(second).status) == (Status.READY, Status.FAILED)


def test_an_error_is_looked_for_in_no_more_jobs_than_a_request_has_time_for(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redriving_page, "MOST", 1)
    old, young = failed(raise_once), failed(discard)
    address = reverse("admin:queue_table_job_redrive")
    error = again(young).errors[-1]["exception"]
    look = operator.get(address, {"exception": error})
    assert look.context_data["keys"] == []  # type: ignore[attr-defined]
    assert "looked for in the oldest 1 failed jobs" in look.content.decode()
    since = timezone.localtime(old.finished_at).replace(second=0, microsecond=0) - timedelta(days=1)
    Job.objects.filter(pk=old.pk).update(finished_at=Now() - timedelta(days=3))
    look = operator.get(address, {"exception": error, "failed_since": since.strftime("%Y-%m-%dT%H:%M")})
    assert look.context_data["keys"] == [young.pk]  # type: ignore[attr-defined]
    assert "looked for in the oldest" not in look.content.decode()


def test_who_may_only_look_runs_no_jobs_again_by_filter(client: Client) -> None:
    job = failed()
    staff(client, "view_job")
    address = reverse("admin:queue_table_job_redrive")
    assert client.get(address).status_code == 403
    assert client.post(address, {"queue": "default", "confirmed": "yes"}).status_code == 403
    assert again(job).status == Status.FAILED


def test_no_page_holds_what_the_policy_would_block(operator: Client) -> None:
    job = failed()
    redrive = reverse("admin:queue_table_job_redrive") + "?queue=default"
    pages = [page_of(operator, job), press(operator, "run_again", job), operator.get(redrive).content.decode()]
    pages.append(operator.get(reverse(LIST)).content.decode())
    assert [Inline(page).found for page in pages] == [[]] * 4
