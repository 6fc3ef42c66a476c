"""What staff do with the queue in a real browser, with and without JavaScript, and pictures of it to look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.pausing import paused_queues
from tests.browser.looking import DARK, NARROW, PLAIN, WIDE
from tests.browser.staff import staff_page
from tests.queue_rows import again, put, run_worker
from tests.sample_tasks import add, raise_once

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = {"wide": WIDE, "narrow-dark": NARROW | DARK, "without-JavaScript": WIDE | PLAIN}


@pytest.fixture(params=LOOKS)
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with staff_page(browser, live_server.url, **LOOKS[request.param]) as page:
        yield page


def failed_and_waiting() -> tuple[Job, Job]:
    failed = put(raise_once)
    run_worker()
    Job.objects.filter(kind="duty").delete()
    return failed, put(add.using(queue_name="mail"), 1, 1)


def test_staff_pause_a_queue_run_a_failed_job_again_and_cancel_a_waiting_one(
    page: Page, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    def keep(step: str) -> None:
        name = request.node.callspec.params["page"]
        page.screenshot(path=screenshots / f"queue-{name}-{step}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), step

    page.get_by_role("link", name="The queues at one look").click()
    expect(page.get_by_text("No queue holds a job, and no worker was seen lately.")).to_be_visible()
    keep("0-empty")
    failed, waiting = failed_and_waiting()
    page.get_by_role("link", name="look again").click()
    expect(page.get_by_role("img", name="mail: due 1, scheduled 0, blocked 0, running 0, failed 0")).to_be_visible()
    keep("1-overview")
    press_on_card(page, "mail", "Pause")
    keep("2-question")
    page.get_by_role("link", name="No, leave it").click()
    assert paused_queues() == set()
    press_on_card(page, "mail", "Pause")
    page.get_by_role("button", name="Yes, pause").click()
    expect(page.get_by_text("The queue mail is paused.")).to_be_visible()
    keep("3-paused")
    assert paused_queues() == {"mail"}
    press_on_card(page, "mail", "Resume")
    page.get_by_role("button", name="Yes, resume").click()
    expect(page.get_by_text("The queue mail runs again.")).to_be_visible()
    assert paused_queues() == set()

    page.locator("article", has_text="default").get_by_role("link", name="1 failed").click()
    keep("4-list")
    page.get_by_role("link", name=str(failed.pk)).click()
    expect(page.get_by_role("heading", name="Errors")).to_be_visible()
    keep("5-failed-job")
    page.get_by_role("button", name="Run again").click()
    page.get_by_role("button", name="Yes, run again").click()
    expect(page.get_by_text("1 failed job will run again.")).to_be_visible()
    assert again(failed).status == Status.READY

    page.goto("/admin/queue_table/job/?queue=mail")
    page.locator(f"input[type=checkbox][value='{waiting.pk}']").check()
    page.get_by_label("Action:").select_option("cancel")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_label("Reason").fill("wrong price")
    keep("6-cancel")
    page.get_by_role("button", name="Yes, cancel").click()
    expect(page.get_by_text("Cancelled: 1.")).to_be_visible()
    assert again(waiting).errors[-1]["traceback"] == "cancelled by sam: wrong price"


def press_on_card(page: Page, queue: str, button: str) -> None:
    card = page.locator("article").filter(has=page.get_by_role("heading", name=queue, exact=True))
    card.get_by_role("link", name=button).click()
