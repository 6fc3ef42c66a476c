"""The edition of what the shop shows: a number that is another one after each change of goods, words or prices.

A page remembers what it has read and made for one edition, and reads it again for the next. The stock is not of it.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.http import HttpRequest

from shop.catalogue.models.edition import Edition
from shop.catalogue.prepared import Prepared

THE_ONE = 1
BITS = 62  # drawn and never counted: a number taken back by a rollback or a restored backup never stands for other rows


def edition_of(request: HttpRequest) -> int:
    """The edition that this request shows, read once. Whatever it reads afterwards is as new, or newer: so nothing old
    is ever remembered for a new edition."""
    if not hasattr(request, "edition"):
        request.edition = current()  # type: ignore[attr-defined]
    return request.edition  # type: ignore[attr-defined,no-any-return]


def current() -> int:
    """One query. A number that nothing is remembered for, as long as there was no change at all."""
    return next((number for (number,) in _numbers(THE_ONE)), secrets.randbits(BITS))


@contextmanager
def changing() -> Iterator[None]:
    """A transaction that makes a new edition first. Who changes something else waits there, and has locked nothing
    yet that this one could need."""
    with transaction.atomic():
        change()
        yield


def change() -> None:
    """A new edition, in the transaction of the change."""
    number = secrets.randbits(BITS)
    if not Edition.objects.filter(pk=THE_ONE).update(number=number):
        Edition.objects.create(pk=THE_ONE, number=number)


def follow(*models: Any) -> None:
    """From now on each row of these models that is saved or deleted makes a new edition. What else writes to them
    belongs into `changing`."""
    for model in models:
        pre_save.connect(_before, model)
        post_save.connect(_after, model)
        pre_delete.connect(_before, model)
        post_delete.connect(_after, model)


def follow_links(through: Any) -> None:
    """The same for the rows between two models."""
    m2m_changed.connect(_linked, through)


def _before(**_about: Any) -> None:
    if connection.in_atomic_block:
        change()


def _after(**_about: Any) -> None:
    """A row saved by itself is committed by now; told before, somebody could remember the old one as the new."""
    if not connection.in_atomic_block:
        change()


def _linked(*, action: str, **about: Any) -> None:
    if action.startswith("pre_"):
        _before()


@Prepared
def _numbers(key: int) -> QuerySet[Edition, tuple[int]]:
    return Edition.objects.filter(pk=key).values_list("number")
