"""The one door through which the search learns what the shop sells."""

from collections.abc import Iterable

from django.db import connection, transaction

from shop.catalogue import edition
from shop.catalogue.models import Product, SearchEntry, Variant
from shop.catalogue.search import spelling
from shop.catalogue.search.dialects import dialect
from shop.catalogue.search.words import search_words
from shop.catalogue.tree import Tree

BATCH = 500
LONGEST_TEXT = 20_000  # characters of a description that are searched


def renew(products: Iterable[int]) -> set[str]:
    """Makes the products' entries say what the products say now. Belongs to the transaction of every change of a
    product's, a variant's, an option's or a category's words; refuses to run without one. Gives back their words."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Search entries belong to the transaction of their cause.")
    keys = sorted(products)
    batches = [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]
    return {word for batch in batches for word in _renew_batch(batch)}


def is_found(word: str) -> bool:
    """Some entry holds the word of the vocabulary, or one with its stem."""
    with connection.cursor() as cursor:
        cursor.execute(dialect().described, dialect().whole_words(search_words(word)) | {"most": 1})
        return cursor.fetchone() is not None


def _renew_batch(keys: list[int]) -> set[str]:
    edition.change()  # before any row is locked: everybody takes his locks in that order
    # The row locks come first: whoever changed one of these has committed, or will renew it after us. So does whoever
    # changed a category, which is why the tree is read behind them.
    rows = Product.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    products = list(rows.prefetch_related("variants__values"))
    tree = Tree.read()
    entries = [_entry(product, tree) for product in products if product.published]
    SearchEntry.objects.filter(product__in=[product for product in products if not product.published]).delete()
    SearchEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        update_fields=["title", "words", "description"],
        unique_fields=["product"] if connection.features.supports_update_conflicts_with_target else None,
    )
    return spelling.learn(text for product in products if product.published for text in _texts(product, tree))


def _entry(product: Product, tree: Tree) -> SearchEntry:
    title, words, description = (dialect().text(search_words(text)) for text in _texts(product, tree))
    return SearchEntry(product=product, title=title, words=words, description=description)


def _texts(product: Product, tree: Tree) -> tuple[str, str, str]:
    """In both languages: its title; its category's path, variants and options; its description."""
    shelves = [text for shelf in tree.path(product.category_id) for text in (shelf.title, shelf.title_zh)]
    variants = [
        text
        for variant in product.variants.all()
        for text in (variant.sku, variant.title, variant.title_zh, *_values(variant))
    ]
    return (
        f"{product.title} {product.title_zh}",
        " ".join([*shelves, *dict.fromkeys(variants)]),
        f"{product.description} {product.description_zh}"[:LONGEST_TEXT],
    )


def _values(variant: Variant) -> list[str]:
    return [text for value in variant.values.all() for text in (value.name, value.name_zh)]
