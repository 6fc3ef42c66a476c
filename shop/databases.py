"""One DATABASE_URL to Django's settings: the place where the three databases differ."""

import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created

ENGINES = {
    "sqlite": "django.db.backends.sqlite3",
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "mariadb": "django.db.backends.mysql",
    "mysql": "django.db.backends.mysql",
}
SQLITE_BUSY_SECONDS = 20


def database_settings(url: str) -> dict[str, Any]:
    """Settings of the database that `url` names. Raises ImproperlyConfigured, without repeating the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL can't be read. Write user, password and path percent-encoded (a / in a password is %2F)."
        ) from None  # the cause repeats a part of the value
    if parts.scheme not in ENGINES:
        raise ImproperlyConfigured(f"DATABASE_URL must begin with one of: {', '.join(f'{e}://' for e in ENGINES)}.")
    if parts.query:
        raise ImproperlyConfigured("DATABASE_URL takes no ?options: the shop sets what each database needs.")
    name = unquote(parts.path[1:])
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: end it with /name.")
    return {"ENGINE": ENGINES[parts.scheme], "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True} | (
        _sqlite(name) if parts.scheme == "sqlite" else _server(parts, port, name)
    )


def _sqlite(name: str) -> dict[str, Any]:
    """WAL: readers beside a writer. IMMEDIATE takes the write lock first, so that none is refused half-way."""
    _use_fixed_sqlite()
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    return {
        "NAME": name,
        "TEST": {"NAME": f"{name}.test"},  # a file: in memory, two processes would never meet
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": SQLITE_BUSY_SECONDS,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _server(parts: Any, port: int | None, name: str) -> dict[str, Any]:
    address = {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": port or "",
    }
    return address | (_postgres() if parts.scheme.startswith("postgres") else _mariadb())


def _postgres() -> dict[str, Any]:
    """A server that is cut off, as behind a cut cable, is given up after a minute."""
    alive = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
    return {"OPTIONS": {"connect_timeout": 10, "tcp_user_timeout": 60_000} | alive}


def _give_up_after_a_minute(connection: Any, **_: Any) -> None:
    """MariaDB: the same, on the driver's socket, for it has no option but read_timeout. That would break off a
    migration's long statement as well."""
    raw = connection.connection
    if connection.vendor == "mysql" and sys.platform == "linux" and not raw.unix_socket:
        alive = {socket.TCP_KEEPIDLE: 20, socket.TCP_KEEPINTVL: 10, socket.TCP_KEEPCNT: 3}
        for option, value in (alive | {socket.TCP_USER_TIMEOUT: 60_000}).items():
            raw._sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _mariadb() -> dict[str, Any]:
    """The session speaks UTC, as Django stores times: the database's clock is read beside them."""
    import pymysql

    pymysql.install_as_MySQLdb()
    connection_created.connect(_give_up_after_a_minute, dispatch_uid="shop.databases")
    return {
        "OPTIONS": {
            "charset": "utf8mb4",
            "isolation_level": "read committed",
            "init_command": "SET sql_mode='STRICT_TRANS_TABLES', time_zone='+00:00'",
        },
        "TEST": {"CHARSET": "utf8mb4"},
    }


def _use_fixed_sqlite() -> None:
    """Puts the packaged SQLite in the system's place: before 3.51.3 it has a WAL-reset race between processes."""
    try:
        import pysqlite3
    except ImportError:
        return
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
