"""Reads settings from the environment. Nonsense stops the start, and no message repeats a value: it may be a secret."""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def read_file(path: Path) -> None:
    """Adds the lines of a .env file; what the environment already holds wins."""
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


def number(name: str, default: int, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = text(name, str(default)).strip()
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number of at least {least}.")
    return int(value)


def choice(name: str, default: str, choices: set[str]) -> str:
    value = text(name, default).strip()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(sorted(choices))}.")
    return value


def items(name: str, default: str = "") -> list[str]:
    """A comma-separated list; blanks are dropped."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]
