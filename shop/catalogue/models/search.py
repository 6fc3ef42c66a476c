from django.db import models

from shop.catalogue.models.product import Product
from shop.catalogue.querysets import ShownQuerySet


class SearchEntry(models.Model):
    """The words under which a published product is found, prepared by `shop.catalogue.search` and read by nobody else.

    The full-text indexes on it are each database's own: the migration `search` makes them. On SQLite they are
    kept by triggers, which a later migration that rebuilds this table must make anew.
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="search_entry")
    title = models.TextField()
    words = models.TextField()
    description = models.TextField()

    objects = ShownQuerySet["SearchEntry"].as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class Spelling(models.Model):
    """A word of the shop's, by one of the forms that a slip of the pen may share with it: itself, less one letter."""

    word = models.CharField(max_length=40)
    form = models.CharField(max_length=40, db_index=True)

    objects = ShownQuerySet["Spelling"].as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["word", "form"], name="spelling_form_once_per_word")]

    def __str__(self) -> str:
        return f"{self.form} of {self.word}"
