"""A paused queue keeps its rows until it is resumed."""

import logging
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from queue_table.lifecycle import Status
from queue_table.models import PausedQueue
from queue_table.pausing import pause, paused_queues, resume
from tests.at_once import at_once
from tests.queue_rows import again, put, run_worker
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


def printed(command: str, *arguments: str) -> str:
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def test_nothing_is_claimed_from_a_paused_queue_and_the_others_go_on() -> None:
    held, other = put(add.using(queue_name="mail"), 1, 1), put(add, 1, 1)
    pause("mail", "sam")
    run_worker()
    assert (again(held).status, again(other).status) == (Status.READY, Status.DONE)
    assert again(held).attempts == 0


def test_a_resumed_queue_is_worked_off() -> None:
    held = put(add.using(queue_name="mail"), 1, 1)
    pause("mail", "sam")
    run_worker()
    resume("mail", "sam")
    run_worker()
    assert again(held).status == Status.DONE


def test_who_paused_first_is_remembered() -> None:
    assert [pause("mail", "sam"), pause("mail", "eve")] == [True, False]
    assert PausedQueue.objects.get().paused_by == "sam"
    assert paused_queues() == {"mail"}


def test_a_queue_is_resumed_once() -> None:
    pause("mail", "sam")
    assert [resume("mail", "sam"), resume("mail", "sam")] == [True, False]
    assert paused_queues() == set()


def test_two_hands_pause_the_same_queue_at_once_and_one_of_them_did_it() -> None:
    assert sorted(at_once(lambda: pause("mail", "sam"), lambda: pause("mail", "eve"))) == [False, True]


def test_the_commands_pause_and_resume_and_say_what_changed() -> None:
    assert printed("pause_queue", " mail ") == "mail is paused.\n"
    assert printed("pause_queue", "mail") == "mail was paused already.\n"
    assert paused_queues() == {"mail"}
    assert printed("resume_queue", "mail") == "mail runs again.\n"
    assert printed("resume_queue", "mail") == "mail was not paused.\n"


@pytest.mark.parametrize("name", ["", "   ", "x" * 65])
def test_a_name_that_no_queue_has_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="1 to 64 characters"):
        printed("pause_queue", name)
    assert paused_queues() == set()


def test_both_are_logged_with_the_hand_that_did_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "queue_table.pausing")
    pause("mail", "sam")
    resume("mail", "eve")
    assert caplog.messages == ["queue mail was paused by sam", "queue mail was resumed by eve"]
