"""Real processes, killed and frozen at random: nothing is lost, and nothing happens twice without a reason."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.director import Chaos
from tests.chaos.ledger import ledger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.fixture(autouse=True)
def _table(transactional_db: None) -> Iterator[None]:
    with ledger():
        yield


def test_500_jobs_survive_20_kills(process_environment: dict[str, str], tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    course = Chaos(tmp_path, process_environment, seed=seed, jobs=500, kills=20, lease=3).run()
    print(course)  # noqa: T201 (the seed of a failure)
    assert not course.findings, "\n".join([str(course), *course.findings])
    assert (course.kills, course.last_strike_to_end < 30) == (20, True)
