"""The queues at one look, in pictures that need no script, with the numbers beside them."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils.dateparse import parse_duration

from queue_table import clock
from queue_table.lifecycle import Stage
from queue_table.models import Job, Tally
from queue_table.overview import slices
from queue_table.pausing import pause, paused_queues
from queue_table.pictures import Part, bars, columns, round_up
from queue_table.tally import Ended
from tests.queue_rows import claim_one, put, run_worker
from tests.sample_tasks import add, raise_once
from tests.test_security_headers import Inline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
TOKEN = "a token of no shop at all"
OVERVIEW = "admin:queue_table_job_overview"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def staff(client: Client, *permissions: str) -> Client:
    user = User.objects.create_user("sam", password="not-used-here", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


@pytest.fixture
def operator(client: Client) -> Client:
    return staff(client, "view_job", "change_job", "add_pausedqueue", "delete_pausedqueue")


def look(client: Client) -> str:
    answer = client.get(reverse(OVERVIEW))
    assert answer.status_code == 200
    return answer.content.decode()


def fill() -> None:
    """One row in each state, in two queues."""
    put(raise_once)
    run_worker()
    put(add, 1, 1)
    claim_one()
    put(add, 1, 1)
    for stage, key in ((Stage.SCHEDULED, None), (Stage.BLOCKED, "carrier")):
        job = put(add.using(queue_name="mail"), 1, 1)
        Job.objects.filter(pk=job.pk).update(stage=stage, limit_key=key)
    Job.objects.filter(kind="duty").delete()


def test_each_queue_has_a_picture_with_its_numbers_and_the_way_to_its_jobs(operator: Client) -> None:
    fill()
    page = look(operator)
    assert "<title>default: due 1, scheduled 0, blocked 0, running 1, failed 1</title>" in page
    assert "<title>mail: due 0, scheduled 1, blocked 1, running 0, failed 0</title>" in page
    table = re.findall(r"<tr><th scope=\"row\">(\w+)</th>(.*?)</tr>", page)
    numbers = {queue: re.findall(r">(\d+)</a>", cells) for queue, cells in table if "<a " in cells}
    assert numbers == {"default": ["1", "0", "0", "1", "1"], "mail": ["0", "1", "1", "0", "0"]}
    assert f'{reverse("admin:queue_table_job_changelist")}?queue=mail&amp;state=blocked"' in page


COLUMNS = ("due", "scheduled", "blocked", "running", "failed", "oldest_due_seconds", "lease_over")
COLUMNS += ("shortest_lease_seconds", "done_per_minute", "failed_per_minute")


def numbers(cells: Sequence[str]) -> list[float]:
    """As the doors for people write them, with a dash for nothing."""
    ages = {cell: age.total_seconds() for cell in cells if ":" in cell and (age := parse_duration(cell))}
    return [0 if cell == "-" else ages[cell] if cell in ages else float(cell) for cell in cells]


def in_text() -> dict[str, list[float]]:
    output = StringIO()
    call_command("queue_status", stdout=output)
    lines = [re.split(r" {2,}", line.strip()) for line in output.getvalue().splitlines()[1:]]
    order = (1, 3, 4, 5, 8, 2, 6, 7, 10, 11)
    return {line[0]: numbers([line[place] for place in order]) for line in lines}


def in_json() -> dict[str, list[float]]:
    output = StringIO()
    call_command("queue_status", "--json", stdout=output)
    return {depth["queue"]: [depth[name] or 0 for name in COLUMNS] for depth in json.loads(output.getvalue())}


def in_admin(client: Client) -> dict[str, list[float]]:
    rows = re.findall(r"<tr><th scope=\"row\">(\w+)</th>(.*?)</tr>", look(client).partition('id="numbers"')[2])
    return {queue: numbers(re.findall(r">([^<>]+)<(?:/a|/td)>", cells)) for queue, cells in rows}


def in_metrics(client: Client) -> dict[str, list[float]]:
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    found = re.findall(r'order_queue_(\w+)\{queue="(\w+)"(?:,state="(\w+)")?\} (\S+)', text)
    values = {(queue, state or name): float(value) for name, queue, state, value in found if name != "jobs_capped"}
    return {queue: [values.get((queue, name), 0) for name in COLUMNS] for queue, _ in values}


def test_every_door_tells_the_same_numbers(operator: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    fill()
    Job.objects.filter(queue="default").update(available_at=Now() - timedelta(days=1, hours=1))
    for _ in range(20):  # until no second ticks over between the first look and the last
        first = in_json()
        doors = [in_text(), in_metrics(operator), in_admin(operator)]
        if in_json() == first:
            break
    assert doors == [first] * 3
    assert first["default"][:5] == [1, 0, 0, 1, 1]
    assert first["default"][8:] != [0, 0]


def test_the_way_leads_to_just_those_jobs(operator: Client) -> None:
    fill()
    for address in re.findall(r'<td><a href="([^"]+)">(\d+)<', look(operator)):
        shown = operator.get(address[0].replace("&amp;", "&")).context_data["cl"]  # type: ignore[attr-defined]
        assert len(shown.result_list) == int(address[1]), address


def test_what_was_done_and_what_failed_is_drawn_over_time(operator: Client) -> None:
    minute = clock.now().replace(second=0, microsecond=0)
    for back, done, failed, retried in ((0, 4, 0, 0), (10, 40, 1, 0), (300, 0, 2, 3)):
        when = minute - timedelta(minutes=back)
        Tally.objects.create(minute=when, queue="mail", worker="w", done=done, failed=failed, retried=retried)
        Tally.objects.create(minute=when, queue="default", worker="w", done=1)
    page = look(operator)
    assert "Done per minute, in the last hour: 46, at most 41 in a minute" in page
    assert "Failed and tried again per half-hour, in the last day: 6, at most 5 in a half-hour" in page


def test_an_empty_table_has_a_page_too(operator: Client) -> None:
    assert "No queue holds a job" in look(operator)


def test_no_page_holds_what_the_policy_would_block_whatever_a_queue_is_called(operator: Client) -> None:
    put(add.using(queue_name='a&b/ü?"<script>alert(1)</script>'), 1, 1)
    page = look(operator)
    assert Inline(page).found == []
    assert "alert(1)</script>" not in page
    [address] = re.findall(r'href="([^"]+/pause/[^"]+)"', page)
    question = operator.get(address)
    assert question.context_data["question"].hidden == [("queue", 'a&b/ü?"<script>alert(1)</script>')]  # type: ignore[attr-defined]
    assert Inline(question.content.decode()).found == []


def test_a_queue_is_paused_and_resumed_when_staff_confirm_it_and_that_is_logged(operator: Client) -> None:
    put(add.using(queue_name="mail"), 1, 1)
    address = reverse("admin:queue_table_job_pause")
    assert "Yes, pause" in operator.get(address, {"queue": "mail"}).content.decode()
    assert "Yes, pause" in operator.post(address, {"queue": "mail"}).content.decode()
    assert paused_queues() == set()
    answer = operator.post(address, {"queue": "mail", "confirmed": "yes"}, follow=True).content.decode()
    assert "The queue mail is paused." in answer
    assert "paused by sam since" in answer
    assert paused_queues() == {"mail"}
    assert (
        "paused already" in operator.post(address, {"queue": "mail", "confirmed": "yes"}, follow=True).content.decode()
    )
    operator.post(reverse("admin:queue_table_job_resume"), {"queue": "mail", "confirmed": "yes"})
    assert paused_queues() == set()
    logged = LogEntry.objects.order_by("pk").values_list("object_repr", "action_flag", "user__username")
    assert list(logged) == [("mail", 1, "sam"), ("mail", 3, "sam")]


@pytest.mark.parametrize("page", ["pause", "resume"])
def test_who_may_only_look_neither_pauses_nor_resumes(client: Client, page: str) -> None:
    pause("mail", "eve")
    staff(client, "view_job", "change_job")
    address = reverse(f"admin:queue_table_job_{page}")
    assert client.get(address, {"queue": "mail"}).status_code == 403
    assert client.post(address, {"queue": "default", "confirmed": "yes"}).status_code == 403
    assert client.post(address, {"queue": "mail", "confirmed": "yes"}).status_code == 403
    assert paused_queues() == {"mail"}
    assert f"/{page}/" not in look(client)


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_what_no_queue_is_called_is_not_found(operator: Client, name: str) -> None:
    answer = operator.post(reverse("admin:queue_table_job_pause"), {"queue": name, "confirmed": "yes"})
    assert (answer.status_code, paused_queues()) == (404, set())


def test_the_overview_is_for_those_who_may_see_jobs(client: Client) -> None:
    staff(client)
    assert client.get(reverse(OVERVIEW)).status_code == 403
    assert reverse(OVERVIEW) not in client.get(reverse("admin:index")).content.decode()


def test_the_index_and_the_list_lead_to_the_overview(operator: Client) -> None:
    for name in ("admin:index", "admin:queue_table_job_changelist"):
        assert reverse(OVERVIEW) in operator.get(reverse(name)).content.decode()


def shapes(picture: str) -> list[tuple[str | None, int, int, int, int]]:
    drawn = ElementTree.fromstring(picture)  # noqa: S314 (our own)
    return [
        (rect.get("class"), *(int(rect.get(side, "")) for side in ("x", "y", "width", "height")))
        for rect in drawn.iter("rect")
    ]


def test_bars_are_as_long_as_their_numbers_and_the_least_is_seen() -> None:
    drawn = shapes(bars("three", [Part("due", 500), Part("failed", 1), Part("running", 0)], longest=1_000_000))
    assert [(name, width) for name, _, _, width, _ in drawn] == [
        ("track", 1000), ("due", 8), ("track", 1000), ("failed", 8), ("track", 1000),
    ]  # fmt: skip
    assert shapes(bars("one", [Part("due", 250)], longest=1000))[1][3] == 250
    assert shapes(bars("none", [Part("due", 0)], longest=0)) == [("track", 0, 7, 1000, 10)]


def test_columns_stand_on_the_ground_with_their_parts_one_on_the_other() -> None:
    drawn = shapes(columns("two", [[Part("failed", 10), Part("retried", 30)], [Part("failed", 0)]], highest=100))
    assert drawn == [("failed", 1, 180, 8, 20), ("retried", 1, 120, 8, 60)]


def test_a_picture_says_in_words_what_it_shows() -> None:
    assert '<svg class="picture bars" role="img"' in bars("a & b", [], 1)
    assert "<title>a &amp; b</title>" in columns("a & b", [], 1)


@pytest.mark.parametrize(("number", "end"), [(0, 1), (1, 1), (3, 5), (7, 10), (10, 10), (11, 20), (382, 500)])
def test_an_axis_ends_at_a_round_number(number: int, end: int) -> None:
    assert round_up(number) == end


def test_time_is_cut_in_equal_slices_and_empty_ones_stay() -> None:
    now = NOON + timedelta(minutes=3, seconds=20)
    ended = [
        Ended(NOON + timedelta(minutes=3), 1, 0, 0),
        Ended(NOON + timedelta(minutes=1), 2, 1, 4),
        Ended(NOON + timedelta(minutes=1), 3, 0, 0),
        Ended(NOON, 9, 9, 9),
    ]
    cut = slices(ended, now, minutes=1, count=3)
    assert [(each.at.minute, each.done, each.not_done) for each in cut] == [(1, 5, 5), (2, 0, 0), (3, 1, 0)]
    assert [each.done for each in slices(ended, now, minutes=30, count=2)] == [0, 15]
