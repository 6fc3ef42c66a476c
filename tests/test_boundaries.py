"""Orders and delivery meet only in the table: not by import, not by a foreign key, not by a name in a string."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

BOXES = {"shop", "orders", "delivery", "queue_table"}
SYSTEMS = [("orders", "delivery"), ("delivery", "orders")]


def box_of(module: str) -> str:
    return module.split(".")[0]


def relations_between_boxes() -> Iterator[str]:
    """Foreign keys, one-to-ones and many-to-manys whose ends lie in two boxes. Django's own tables belong to nobody."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            ends = {box_of(model.__module__), box_of(field.related_model.__module__)} if field.related_model else set()
            if len(ends & BOXES) > 1:
                yield f"{model._meta.label}.{field.name}"


def mentions(box: str, other: str) -> Iterator[str]:
    """Strings of `box` that name `other` as Python would: a dotted path or an app's label, not a word in a sentence."""
    for file in sorted((settings.BASE_DIR / box).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and names(node.value, other):
                yield f"{file.relative_to(settings.BASE_DIR)}:{node.lineno} {node.value!r}"


def names(text: str, box: str) -> bool:
    return text == box or re.search(rf"(?<![\w.]){box}[._:/]\w", text) is not None


def test_no_relation_crosses_from_box_to_box() -> None:
    assert list(relations_between_boxes()) == []


@pytest.mark.parametrize(("box", "other"), SYSTEMS)
def test_no_string_of_one_system_names_the_other(box: str, other: str) -> None:
    assert list(mentions(box, other)) == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("orders", True),
        ("orders.Order", True),
        ("SELECT * FROM orders_order", True),
        ("orders:detail", True),
        ("Two orders of the same goods wait for each other.", False),
        ("Mind the orders. Then rest.", False),
        ("reorders.x", False),
    ],
)
def test_a_name_is_told_from_a_word(text: str, refused: bool) -> None:
    assert names(text, "orders") is refused


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
