"""The full-text search of each database: how a query is written, and the statements that find.

The indexes themselves are made by the migration `search`. A dialect's `named` finds products by title,
category, options and sku, with a score; `described` finds in the description as well and scores nothing, for a query
of everyday words fits half of the shop.

PostgreSQL and SQLite bring a stemmer, so that "knitting" finds "knitted"; MariaDB has none and knows plurals only. Its
words carry a prefix: without it the server's own settings would drop words of two letters, and so all Chinese pairs.
InnoDB shows its full-text index what is committed, not what the transaction itself has just written.
"""

from dataclasses import dataclass

from django.db import connection

from shop.catalogue.search.words import is_growing

MOST_FOUND = 480  # twenty pages: nobody looks further, and a query that fits everything stays quick


@dataclass(frozen=True)
class Dialect:
    """How one word of a query is written, `whole` or `growing`, and what stands between those that must `all` be there
    and those of which `any` may. A word is letters and digits only: nothing in it needs quoting."""

    whole: str
    growing: str
    all: str
    any: str
    named: str
    described: str
    prefix: str = ""
    pause: float = 0.0  # seconds that a long row of transactions leaves to other writers after each

    def text(self, words: list[str]) -> str:
        """The words as the index takes them."""
        return " ".join(self.prefix + word for word in words)

    def parameters(self, words: list[str]) -> dict[str, str | int]:
        """What `named` and `described` take: the query, its words of which any may stand whole, the most rows."""
        asked = ((self.growing if is_growing(word, words) else self.whole, self.prefix + word) for word in words)
        return {
            "query": self.all.join(form.format(word) for form, word in asked),
            "whole": self.any.join(self.prefix + word for word in words),
            "most": MOST_FOUND,
        }

    def whole_words(self, words: list[str]) -> dict[str, str | int]:
        """What `described` takes to find all these words, each as it stands."""
        return {"query": self.all.join(self.whole.format(self.prefix + word) for word in words)}


def dialect() -> Dialect:
    """That of the shop's database."""
    return DIALECTS[connection.vendor]


POSTGRESQL = Dialect(
    whole="{0}",
    growing="({0} | {0}:*)",
    all=" & ",
    any=" | ",
    named="""
        SELECT product_id, 10 * ts_rank(named, to_tsquery('english', %(whole)s))
            + ts_rank(named, to_tsquery('english', %(query)s)) AS score
        FROM catalogue_searchentry WHERE named @@ to_tsquery('english', %(query)s)
        ORDER BY score DESC LIMIT %(most)s""",
    described="""
        SELECT product_id FROM catalogue_searchentry
        WHERE everything @@ to_tsquery('english', %(query)s) LIMIT %(most)s""",
)
SQLITE = Dialect(
    whole='"{0}"',
    growing='("{0}" OR "{0}" *)',
    all=" AND ",
    any=" OR ",
    named="""
        SELECT rowid AS product_id, -bm25(catalogue_searchindex, 10.0, 3.0, 0.0) AS score
        FROM catalogue_searchindex WHERE catalogue_searchindex MATCH '{title words} : (' || %(query)s || ')'
        ORDER BY score DESC LIMIT %(most)s""",
    described="""
        SELECT rowid AS product_id FROM catalogue_searchindex
        WHERE catalogue_searchindex MATCH %(query)s LIMIT %(most)s""",
    pause=0.15,  # whoever waits for the one write lock looks at least every 0.1 s whether it is free
)
MARIADB = Dialect(
    whole="+{0}",
    growing="+({0} {0}*)",
    all=" ",
    any=" ",
    named="""
        SELECT product_id, 10 * MATCH (title) AGAINST (%(whole)s IN BOOLEAN MODE)
            + MATCH (title) AGAINST (%(query)s IN BOOLEAN MODE) AS score
        FROM catalogue_searchentry WHERE MATCH (title, words) AGAINST (%(query)s IN BOOLEAN MODE)
        ORDER BY score DESC LIMIT %(most)s""",
    described="""
        SELECT product_id FROM catalogue_searchentry
        WHERE MATCH (title, words, description) AGAINST (%(query)s IN BOOLEAN MODE) LIMIT %(most)s""",
    prefix="w_",
)
DIALECTS = {"postgresql": POSTGRESQL, "sqlite": SQLITE, "mysql": MARIADB}
