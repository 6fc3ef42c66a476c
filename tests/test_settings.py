"""The shop starts on sound settings, and says no to the others in a sentence that gives no secret away."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from shop import env
from shop.databases import database_settings
from shop.ops import checks

SOUND = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "".join(map(chr, range(48, 123))).replace("\\", "-"),
    "ALLOWED_HOSTS": "shop.example",
}


def check_deploy(folder: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` on sound production settings with some changes; None takes a variable away."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    wanted = SOUND | {"ENV_FILE": os.devnull, "DATA_DIR": str(folder)} | changes
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR,
        env=kept | {name: value for name, value in wanted.items() if value is not None},
        capture_output=True,
        text=True,
    )


def test_sound_production_settings_pass(tmp_path: Path) -> None:
    done = check_deploy(tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("DEBUG", "on", "DEBUG"),
        ("SECRET_KEY", settings.SAMPLE_KEY, "SECRET_KEY"),
        ("SECRET_KEY", "$SECRET_KEY_OF_THE_SHOP_THAT_NOBODY_PUT_IN_ITS_PLACE_YET", "SECRET_KEY"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY"),
        ("SECRET_KEY", "", "SECRET_KEY"),
        ("SECRET_KEY", None, "SECRET_KEY"),
        ("METRICS_TOKEN", "short", "METRICS_TOKEN"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", "shop.example, *", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", None, "ALLOWED_HOSTS"),
        ("PAYMENT_GATEWAY", "sandbox", "PAYMENT_GATEWAY"),
        ("DELIVERY_CARRIER", "sandbox", "DELIVERY_CARRIER"),
        ("ENVIRONMENT", "prod", "ENVIRONMENT"),
        ("PORT", "eighty", "PORT"),
        ("QUEUE_LEASE_SECONDS", "0", "QUEUE_LEASE_SECONDS"),
        ("DATABASE_URL", "oracle://shop:hunter2@db/shop", "DATABASE_URL"),
        ("SHOP_CURRENCY", "pounds", "SHOP_CURRENCY"),
        ("RECEIPT_DAYS", "99999999999", "RECEIPT_DAYS"),
        ("DEVELOPER_EMAILS", "nonsense", "DEVELOPER_EMAILS"),
        ("ENV_FILE", "/nowhere/shop.env", "/nowhere/shop.env"),
    ],
)
def test_unsafe_production_settings_stop_the_start(
    variable: str, value: str | None, named: str, tmp_path: Path
) -> None:
    done = check_deploy(tmp_path, **{variable: value})
    assert done.returncode != 0
    assert named in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgres://shop:hunter2@db:port/shop",
        "postgres://shop:hunter2/9@db/shop",
        "postgres://shop:hunter2@db",
        "postgres://shop:hunter2@db/shop?pool=True",
        "oracle://shop:hunter2@db/shop",
        "postgres://shop:hunter2@[db/shop",
        "hunter2",
        "",
    ],
)
def test_a_database_url_that_makes_no_sense_never_shows_its_password(url: str, tmp_path: Path) -> None:
    done = check_deploy(tmp_path, DATABASE_URL=url)
    assert done.returncode != 0
    assert "DATABASE_URL" in done.stderr.splitlines()[-1]
    assert "hunter2" not in done.stdout + done.stderr


def test_a_password_may_hold_any_character_percent_encoded() -> None:
    database = database_settings("postgres://shop:a%2Fb%40%24c@db.example:6432/shop")
    assert (database["PASSWORD"], database["HOST"], database["PORT"]) == ("a/b@$c", "db.example", 6432)


@pytest.mark.parametrize("word", ["maybe", "", "2", "$DEBUG"])
def test_a_flag_that_is_neither_yes_nor_no_is_refused(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", word)
    with pytest.raises(env.ImproperlyConfigured, match="DEBUG"):
        env.flag("DEBUG", default=False)


@pytest.mark.parametrize(("word", "meant"), [("1", True), ("Yes ", True), ("on", True), ("FALSE", False), ("0", False)])
def test_a_flag_is_read_as_people_write_it(word: str, meant: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", word)
    assert env.flag("DEBUG", default=not meant) is meant


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DEBUG=on\nALLOWED_HOSTS=elsewhere.example\n")
    assert check_deploy(tmp_path, ENV_FILE=str(file), DEBUG="off").returncode == 0
    assert "DEBUG" in check_deploy(tmp_path, ENV_FILE=str(file)).stderr


@pytest.mark.parametrize("line", ["SECRET_KEY = hunter2", "SECRET_KEY= hunter2", "hunter2", "SECRET KEY=hunter2"])
def test_a_line_that_sets_nothing_is_refused_by_its_number_and_not_repeated(line: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# a comment\n\nexport DEBUG=off\n{line}\n")
    done = check_deploy(tmp_path, ENV_FILE=str(file))
    assert done.returncode != 0
    assert "line 4" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"SECRET_KEY=\xff")
    assert "can't be read" in check_deploy(tmp_path, ENV_FILE=str(file)).stderr


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
def test_sqlite_keeps_what_it_committed() -> None:
    with connection.cursor() as cursor:
        pragmas = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2], "a write-ahead log, and FULL: flushed at each commit"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
def test_a_transaction_on_sqlite_takes_the_write_lock_first() -> None:
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=0)
    try:
        with transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    finally:
        other.close()


def test_an_sqlite_that_can_lose_a_commit_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 51, 2))
    assert [warning.id for warning in checks.sqlite_is_sound()] == ["shop.W001"]
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 51, 3))
    assert checks.sqlite_is_sound() == []


def test_make_brings_an_sqlite_that_loses_nothing() -> None:
    assert checks.sqlite3.sqlite_version_info >= checks.SOUND_SQLITE


def test_a_cache_in_one_process_is_refused_in_production(settings: pytest.FixtureRequest) -> None:
    settings.CACHES = {"default": {"BACKEND": checks.PROCESS_LOCAL_CACHE}}
    settings.PRODUCTION = False
    assert checks.caches_are_shared() == []
    settings.PRODUCTION = True
    assert [error.id for error in checks.caches_are_shared()] == ["shop.E001"]
