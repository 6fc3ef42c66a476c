"""Reads settings from the environment. Nonsense stops the start, and no message repeats a value: it may be a secret."""

import os
import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

LINE = re.compile(r"\s*(#.*)?|\s*(export\s+)?[A-Za-z_][A-Za-z0-9_]*=(\S.*)?")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def read_file(path: Path, *, required: bool) -> None:
    """Adds the lines of a .env file; what the environment already holds wins.

    Raises ImproperlyConfigured if it is there and can't be read, has a line that is no NAME=value, or is `required`
    and missing.
    """
    if not required and not path.exists():
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{path} can't be read by this user: {type(error).__name__}.") from None
    for number, line in enumerate(lines, 1):
        if not LINE.fullmatch(line):
            raise ImproperlyConfigured(f"{path}, line {number}: write NAME=value, without blanks around the =.")
    environ.Env.read_env(path, overwrite=False)


def text(name: str, default: str | None = None) -> str:
    """The variable as it stands. Raises ImproperlyConfigured if it is missing without default or begins with `$`."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}: it has no default.")
    if value.startswith("$"):
        raise ImproperlyConfigured(f"{name} begins with $: a reference that nobody replaced. Write the value itself.")
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(sorted(TRUE | FALSE))}.")
    return value in TRUE


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    value = text(name, str(default)).strip()
    if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}.")
    return int(value)


def matching(name: str, default: str, pattern: str, what: str) -> str:
    """A value of the form `pattern`; `what` says the form in words."""
    value = text(name, default).strip()
    if not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} must be {what}.")
    return value


def choice(name: str, default: str, choices: set[str]) -> str:
    value = text(name, default).strip()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(sorted(choices))}.")
    return value


def items(name: str, default: str = "") -> list[str]:
    """A comma-separated list; blanks are dropped."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]
