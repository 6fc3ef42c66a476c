"""What every test may ask for."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from pymysql.connections import Connection

from queue_table import duties
from tests.chaos.crew import children_of
from tests.emptying import empty_tables
from tests.run import CHROMIUM, NODE

SCREENSHOTS = settings.BASE_DIR / "var" / "screenshots"


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables())
        yield


@pytest.fixture(scope="session", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    """PyMySQL reads all that this machine trusts for each connection, 20 ms of work, and a test makes several."""
    with pytest.MonkeyPatch.context() as patch:
        trust = Connection._create_ssl_ctx(None, {})
        patch.setattr(Connection, "_create_ssl_ctx", lambda _, options: trust)
        yield


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """DATABASE_URL of this test's own database, for processes that the test starts: they see what is committed."""
    url = os.environ["DATABASE_URL"]
    return f"{url.removesuffix(urlsplit(url).path)}/{quote(str(connection.settings_dict['NAME']))}"


@pytest.fixture
def process_environment(database_url: str) -> Iterator[dict[str, str]]:
    """The environment for a command of the shop in a process of its own, on this test's database.

    What a test that failed has left running is ended: a worker would take the rows of all tests after it.
    """
    before = children_of(os.getpid())
    yield os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "shop.settings"}
    for child in set(children_of(os.getpid())).difference(before):
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


@pytest.fixture(autouse=True)
def _no_slot_is_remembered() -> None:
    """A worker remembers which slots of its duties are in the table; each test has a table of its own."""
    duties.forget()


def pytest_runtest_setup(item: pytest.Item) -> None:
    drives = item.get_closest_marker("browser") or item.get_closest_marker("lighthouse")
    if drives and not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    if item.get_closest_marker("lighthouse") and not NODE:
        pytest.skip("no node")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> Iterator[dict[str, object]]:
    """Debian's Chromium, which talks to nobody but the test's own server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop running in this thread
        quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
        yield {
            "executable_path": CHROMIUM,
            "args": ["--no-sandbox", "--disable-gpu", "--disable-sync", *quiet],
        }


@pytest.fixture
def screenshots() -> Path:
    """The folder where browser tests leave pictures for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
