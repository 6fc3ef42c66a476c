"""Columns that behave alike on every database."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class KeyField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A text that is compared letter by letter. MariaDB's usual order takes `a` for `A`, and `e` for `é`."""

    def db_type(self, connection: BaseDatabaseWrapper) -> Any:
        plain = super().db_type(connection)
        return f"{plain} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" if connection.vendor == "mysql" else plain
