"""The queue in the admin: to read, and to run a failed job again."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from queue_table.lifecycle import Status
from queue_table.models import Job
from tests.queue_rows import again, put, run_worker
from tests.sample_tasks import add, raise_once

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
LIST = "admin:queue_table_job_changelist"


def staff(client: Client, *permissions: str) -> Client:
    user = User.objects.create_user("sam", password="not-used-here", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def run_again(client: Client, job: Job) -> int:
    return client.post(reverse(LIST), {"action": "run_again", "_selected_action": [job.pk]}).status_code


def test_staff_read_the_rows_and_a_jobs_errors(client: Client) -> None:
    job = put(raise_once)
    run_worker()
    staff(client, "view_job")
    assert b"tests.sample_tasks.raise_once" in client.get(reverse(LIST)).content
    page = client.get(reverse("admin:queue_table_job_change", args=[job.pk]))
    assert b"only one try" in page.content
    assert b'name="_save"' not in page.content


def test_a_failed_job_is_run_again_by_staff_and_logged(client: Client) -> None:
    job = put(raise_once)
    run_worker()
    assert again(job).status == Status.FAILED
    assert run_again(staff(client, "view_job", "change_job"), job) == 302
    assert (again(job).status, again(job).attempts) == (Status.READY, 0)
    assert LogEntry.objects.filter(object_id=str(job.pk)).count() == 1


def test_a_job_that_is_done_is_not_run_again(client: Client) -> None:
    job = put(add, 1, 1)
    run_worker()
    run_again(staff(client, "view_job", "change_job"), job)
    assert again(job).status == Status.DONE


def test_who_may_only_look_runs_nothing_again(client: Client) -> None:
    job = put(raise_once)
    run_worker()
    run_again(staff(client, "view_job"), job)
    assert again(job).status == Status.FAILED


def test_nobody_adds_edits_or_deletes_rows_by_hand(client: Client) -> None:
    job = put(add, 1, 1)
    staff(client, "view_job", "add_job", "change_job", "delete_job")
    assert client.get(reverse("admin:queue_table_job_add")).status_code == 403
    assert client.post(reverse("admin:queue_table_job_delete", args=[job.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:queue_table_job_change", args=[job.pk]), {"status": 1}).status_code == 403
    assert again(job).status == Status.READY
