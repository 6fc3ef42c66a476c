"""Eight processes write orders with their jobs, two workers perform them, all at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.ledger import ledger
from tests.chaos.writers import write_and_work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.fixture(autouse=True)
def _table(transactional_db: None) -> Iterator[None]:
    with ledger():
        yield


def test_eight_writers_and_two_workers_are_in_nobodys_way(process_environment: dict[str, str], tmp_path: Path) -> None:
    traffic = write_and_work(tmp_path, process_environment, jobs=2000)
    print(traffic)  # noqa: T201 (how long it took)
    assert not traffic.findings, "\n".join([str(traffic), *traffic.findings])
