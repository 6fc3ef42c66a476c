"""A guard beside a primary key: the row, if its column still holds one of these values."""

from collections.abc import Collection
from typing import TypeVar, cast

from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Coalesce

Row = TypeVar("Row", bound=Model)


def standing(rows: "QuerySet[Row]", column: str, values: Collection[object]) -> "QuerySet[Row]":
    """The rows whose `column` is one of `values`.

    The column is wrapped so that no index serves it: MariaDB would come to the row by that index, lock it before the
    row itself, and deadlock with whoever came by the key.
    """
    nothing = Value(-1 if all(isinstance(value, int) for value in values) else "")
    return cast("QuerySet[Row]", rows.alias(standing=Coalesce(column, nothing)).filter(standing__in=values))
