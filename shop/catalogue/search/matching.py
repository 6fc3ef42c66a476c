"""From a stranger's words to products, the best first."""

from django.db import connection

from shop.catalogue.search.dialects import MOST_FOUND, dialect
from shop.catalogue.search.words import asked_words

LONGEST_SKU = 40
STATEMENT = """
    SELECT 2 AS tier, 0 AS score, variant.product_id FROM catalogue_variant variant
    JOIN catalogue_product product ON product.id = variant.product_id AND product.published
    WHERE variant.sku IN (%(sku)s, %(upper)s, %(lower)s)
    UNION ALL SELECT 1, named.score, named.product_id FROM ({named}) named
    UNION ALL SELECT 0, 0, described.product_id FROM ({described}) described"""


def matching(text: str) -> list[int]:
    """Keys of the published products with every word of the text, at most MOST_FOUND, in one query.

    Whose sku it is comes first; then those that carry the words in their title, and those that do in their category,
    options or skus; then those whose description helps out. Among equals the newest leads. Whatever the text is, it
    breaks nothing: what is neither letter nor digit is not looked for.
    """
    words = asked_words(text)
    rows = _rows(_sku(text) | dialect().parameters(words)) if words else []
    return list(dict.fromkeys(product for _tier, _score, product in sorted(rows, reverse=True)))[:MOST_FOUND]


def _sku(text: str) -> dict[str, str | int]:
    sku = text.strip()
    sku = sku if sku.isprintable() and len(sku) <= LONGEST_SKU else ""
    return {"sku": sku, "upper": sku.upper(), "lower": sku.lower()}


def _rows(parameters: dict[str, str | int]) -> list[tuple[int, float, int]]:
    spoken = dialect()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(named=spoken.named, described=spoken.described), parameters)
        return [(tier, score, product) for tier, score, product in cursor.fetchall()]
