"""A kept connection is asked whether it still lives, and not before each of many requests."""

from collections.abc import Iterator

import pytest
from django.core.signals import request_started
from django.db import connection

from shop.ops import liveness

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """The answers of the connection so far."""
    answers: list[bool] = []
    ask = connection.is_usable
    monkeypatch.setattr(connection, "is_usable", lambda: answers.append(ask()) or answers[-1])
    connection.ensure_connection()
    request_started.disconnect(liveness.ask_once_a_second)  # Django's test client has taken its own receiver out and
    request_started.connect(liveness.ask_once_a_second)  # put it behind ours
    monkeypatch.setattr(connection, "health_check_enabled", True)
    monkeypatch.setattr(connection, "asked_at", -liveness.TRUSTED_SECONDS, raising=False)
    yield answers
    connection.close()


def requests(count: int) -> None:
    for _ in range(count):
        request_started.send(sender=None)
        connection.cursor().close()


def test_of_the_requests_in_a_second_one_asks(asked: list[bool]) -> None:
    requests(5)
    assert asked == [True]


def test_those_that_come_later_ask_again(asked: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "TRUSTED_SECONDS", 0)
    requests(3)
    assert asked == [True] * 3


def test_a_connection_that_broke_is_made_anew_for_the_next_request(asked: list[bool]) -> None:
    requests(1)
    connection.errors_occurred = True
    connection.is_usable = lambda: False  # type: ignore[method-assign]
    requests(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
