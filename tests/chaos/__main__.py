"""Long runs: `python -m tests.chaos --jobs 20000 --kills 300`, `python -m tests.chaos writers --jobs 100000`.

Each `--database` in turn, in a new database of its own that is dropped afterwards. A run that finds something ends
with code 1 and leaves its traces.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tqdm import tqdm

from tests.run import MARIADB_URL, POSTGRES_URL

SERVERS = {"postgres": POSTGRES_URL, "mariadb": MARIADB_URL}
KINDS = ["sqlite", *SERVERS]


def main(arguments: Sequence[str]) -> int:
    options = parsed(arguments)
    if len(options.database) > 1:
        return max(another(arguments, database) for database in options.database)
    folder = Path(tempfile.mkdtemp(prefix="shop-chaos-"))
    use(options.database[0], folder)
    course = in_a_new_database(options, folder)
    sys.stdout.write("\n".join([f"{options.database[0]}: {course}", *course.findings[:60], ""]))
    if course.findings:
        sys.stdout.write(f"Traces are in {folder}.\n")
        return 1
    shutil.rmtree(folder)
    return 0


def parsed(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["kills", "writers"], default="kills")
    parser.add_argument("--jobs", type=int, help="default: 20,000 with kills, 100,000 with writers")
    parser.add_argument("--kills", type=int, default=300, help="processes killed; a third as many are frozen")
    parser.add_argument("--lease", type=int, default=2, help="QUEUE_LEASE_SECONDS of the killed (default 2)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="who is struck when")
    parser.add_argument("--database", nargs="+", choices=KINDS, default=KINDS[:1], help="default: sqlite")
    options = parser.parse_args(arguments)
    options.jobs = options.jobs or {"kills": 20_000, "writers": 100_000}[options.what]
    return options


def another(arguments: Sequence[str], database: str) -> int:
    """One database is one process: Django is set up once."""
    return subprocess.run([sys.executable, "-m", "tests.chaos", *arguments, "--database", database]).returncode


def use(database: str, folder: Path) -> None:
    """Sets Django up as for the tests. A server's database gets a name that no other run has."""
    url = f"sqlite:///{folder}/shop.sqlite3"
    if database in SERVERS:
        url = urlsplit(SERVERS[database])._replace(path=f"/order_queue_chaos_{os.getpid()}").geturl()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_URL": url, "TEST_DATA_DIR": str(folder)}
    import django

    django.setup()


def in_a_new_database(options: Namespace, folder: Path) -> Any:
    from django.db import connection

    from tests.chaos.ledger import ledger

    before = str(connection.settings_dict["NAME"])
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    url = os.environ["DATABASE_URL"]
    url = f"{url.removesuffix(urlsplit(url).path)}/{quote(name)}"
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "shop.settings"}
    try:
        with ledger(), tqdm(total=options.jobs, unit=" jobs", disable=None) as bar:
            return run(options, folder, environment, lambda done: bar.update(done - bar.n))
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def run(options: Namespace, folder: Path, environment: dict[str, str], on_progress: Any) -> Any:
    from tests.chaos.director import Chaos
    from tests.chaos.writers import write_and_work

    if options.what == "writers":
        return write_and_work(folder, environment, jobs=options.jobs, on_progress=on_progress)
    options_of_kills = {"seed": options.seed, "jobs": options.jobs, "kills": options.kills, "lease": options.lease}
    return Chaos(folder, environment, **options_of_kills).run(on_progress)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
