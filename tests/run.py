"""Runs the tests on each database: `python -m tests.run [pytest's own arguments]`, or `make test ARGS="-k queue"`.

SQLite runs everything: what drives a browser apart from the rest, and Lighthouse apart from all, for it takes times. A
database server runs the tests that are marked `databases`. What is not there (a server, Chromium, Node) is skipped, and
under CI=true fails the run.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql
import pytest

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/shop")
MARIADB_URL = os.environ.get("TEST_MARIADB_URL", "mariadb://root@127.0.0.1:3306/shop")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NODE = shutil.which("node") or ""
IN_CI = os.environ.get("CI") == "true"


@dataclass(frozen=True)
class Run:
    name: str
    marked: str
    server: str = ""  # the DATABASE_URL's server; none for SQLite
    processes: int = 4  # these wait more than they work
    missing: str = ""  # what can't be had here, and what to do about it


def runs() -> list[Run]:
    no_browser = "" if Path(CHROMIUM).exists() else f"no Chromium at {CHROMIUM}: install it, or set CHROMIUM"
    no_node = no_browser or ("" if NODE else "no node: install Node.js 18.20 or later, with npm")
    marked = "databases and not browser"
    return [
        Run("SQLite", "not browser and not lighthouse"),
        Run("browser", "browser", processes=2, missing=no_browser),
        Run("Lighthouse", "lighthouse", processes=0, missing=no_node),
        Run("PostgreSQL", marked, POSTGRES_URL, missing=_silence(POSTGRES_URL, "TEST_POSTGRES_URL")),
        Run("MariaDB", marked, MARIADB_URL, missing=_silence(MARIADB_URL, "TEST_MARIADB_URL")),
    ]


def main(arguments: Sequence[str]) -> int:
    outcomes = {run.name: _outcome(run, arguments) for run in runs()}
    print("\n" + "\n".join(f"{name:<12}{outcome}" for name, outcome in outcomes.items()))
    failed = any(outcome.startswith("FAILED") for outcome in outcomes.values())
    return 1 if failed or "passed" not in outcomes.values() else 0


def _outcome(run: Run, arguments: Sequence[str]) -> str:
    if run.missing:
        return f"FAILED: {run.missing}" if IN_CI else f"skipped: {run.missing}"
    print(f"\n{f' {run.name} ':#^80}", flush=True)
    code = _pytest(run, arguments)
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        return "no test chosen"
    return "passed" if code == pytest.ExitCode.OK else f"FAILED (pytest's exit code {code})"


def _silence(url: str, variable: str) -> str:
    """Why the server can't be had; empty if it lets us in. Another program on its port is no database to us."""
    where = urlsplit(url)
    who = {"host": where.hostname, "user": unquote(where.username or ""), "password": unquote(where.password or "")}
    try:
        if where.scheme.startswith("postgres"):
            psycopg.connect(**who, port=where.port or 5432, dbname="postgres", connect_timeout=5).close()
        else:
            pymysql.connect(**who, port=where.port or 3306, connect_timeout=5).close()
    except (psycopg.Error, pymysql.Error, OSError):
        return f"no server lets us in at {where.hostname}:{where.port}: start one, or set {variable}"
    return ""


def _pytest(run: Run, arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="shop-tests-", ignore_cleanup_errors=True) as folder:
        database = run.server or f"sqlite:///{folder}/shop.sqlite3"
        environment = os.environ | {"TEST_DATA_DIR": folder, "TEST_DATABASE_URL": database}
        command = [sys.executable, "-m", "pytest", "-m", run.marked, "-n", str(run.processes), *arguments]
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
