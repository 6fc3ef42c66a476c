"""What an operator can type, set or meet stands in the files that operators read."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import find_commands

import delivery.lifecycle
import orders.lifecycle
import queue_table.lifecycle
from queue_table.messages import message_kinds

README, EXAMPLE, CRONTAB = "README.md", ".env.example", "crontab.example"
LIFECYCLES = [queue_table.lifecycle, orders.lifecycle, delivery.lifecycle]
READERS = {"text", "flag", "number", "choice", "items", "matching"}


def commands() -> list[str]:
    own = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).is_relative_to(settings.BASE_DIR)]
    own = [folder for folder in own if ".venv" not in folder.parts]
    return sorted(name for folder in own for name in find_commands(str(folder / "management")))


def variables() -> list[str]:
    """Names that the settings read through shop.env."""
    tree = ast.parse((settings.BASE_DIR / "shop" / "settings.py").read_text())
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    return sorted({call.args[0].value for call in calls if _reads(call)})


def _reads(call: ast.Call) -> bool:
    return isinstance(call.func.value, ast.Name) and call.func.value.id == "env" and call.func.attr in READERS


def statuses() -> Iterator[tuple[str, str]]:
    """Each state of each machine: the enum's name and the value, as the database and the admin show it."""
    for module in LIFECYCLES:
        for name, enum in vars(module).items():
            if name.endswith("Status"):
                yield from ((f"{module.__name__}.{name}", member.name.lower()) for member in enum)


def documented(name: str, *files: str) -> bool:
    """True if one of the files holds the name as a word: in a .md file only where it is set as code."""
    return any(name.lower() in words(settings.BASE_DIR / file) for file in files)


@cache
def words(file: Path) -> set[str]:
    text = file.read_text().lower() if file.exists() else ""
    if file.suffix == ".md":
        text = " ".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL))
    return {word.strip(".") for word in re.findall(r"[\w.]+", text)}


@pytest.mark.parametrize("command", commands())
def test_each_command_is_explained(command: str) -> None:
    assert documented(command, README, CRONTAB)


@pytest.mark.parametrize("variable", variables())
def test_each_variable_is_explained_and_has_a_line_in_the_example(variable: str) -> None:
    assert documented(variable, README)
    assert documented(variable, EXAMPLE)


def test_the_example_names_no_variable_that_nobody_reads() -> None:
    named = re.findall(r"^#?([A-Z_]+)=", (settings.BASE_DIR / EXAMPLE).read_text(), re.MULTILINE)
    assert set(named) <= set(variables())


def kinds() -> list[str]:
    """Of every message, and every `kind="..."` that the code writes into a row."""
    sources = (path.read_text() for box in ("queue_table", "orders", "delivery", "shop") for path in sources_of(box))
    written = {kind for source in sources for kind in re.findall(r'kind="([\w.]+)"', source)}
    return sorted(written | set(message_kinds()) | {"task"})


def sources_of(box: str) -> Iterator[Path]:
    return (path for path in (settings.BASE_DIR / box).rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_of_row_is_explained(kind: str) -> None:
    assert documented(kind, README)


@pytest.mark.parametrize(("machine", "status"), list(statuses()))
def test_each_status_is_explained(machine: str, status: str) -> None:
    assert documented(status, README), machine


def test_node_packages_are_locked_by_their_hashes_and_name_no_place_to_fetch_them_from() -> None:
    lock = json.loads((settings.BASE_DIR / "tests" / "lighthouse" / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert all("integrity" in package and "resolved" not in package for package in packages)
