"""Indexes over some of the rows, on every database."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NOTHING = "DO 0"  # MariaDB and MySQL: a statement without effect, where the schema editor wants one


class PartialIndex(models.Index):
    """Partial where the database can. Elsewhere over all rows, of the columns `elsewhere`; if empty, no index."""

    def __init__(self, *, elsewhere: Sequence[str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.elsewhere = list(options.get("fields", ()) if elsewhere is None else elsewhere)

    def deconstruct(self) -> Any:
        path, expressions, options = super().deconstruct()
        return path, expressions, options | {"elsewhere": self.elsewhere}

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: object
    ) -> Any:
        if schema_editor.connection.features.supports_partial_indexes:
            return super().create_sql(model, schema_editor, using, **kwargs)
        if not self.elsewhere:
            return NOTHING
        return models.Index(fields=self.elsewhere, name=self.name).create_sql(model, schema_editor, using)

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: object) -> Any:
        if schema_editor.connection.features.supports_partial_indexes or self.elsewhere:
            return super().remove_sql(model, schema_editor, **kwargs)
        return NOTHING


class UniqueWhereSet(models.UniqueConstraint):
    """Unique among the rows that have a value: the others cost no index entry where the database can do without."""

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(fields=[field], name=name, condition=models.Q(**{f"{field}__isnull": False}))

    def deconstruct(self) -> Any:
        path, _, _ = super().deconstruct()
        return path, (), {"field": self.fields[0], "name": self.name}

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.features.supports_partial_indexes:
            return super().create_sql(model, schema_editor)
        return models.UniqueConstraint(fields=self.fields, name=self.name).create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.features.supports_partial_indexes:
            return super().remove_sql(model, schema_editor)
        return models.UniqueConstraint(fields=self.fields, name=self.name).remove_sql(model, schema_editor)
