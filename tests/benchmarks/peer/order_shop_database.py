"""DATABASE_URL's database, for order_shop_peer: `python -m tests.benchmarks.peer.order_shop_database anew|settle`."""

import os
import sys

from tests.benchmarks.databases import database_at
from tests.benchmarks.pages.measuring import FILLED


def anew() -> None:
    database.drop()
    database.create()


def settle() -> None:
    """After filling: statistics as maintenance makes them."""
    for table in FILLED:
        database.settle(table)


if __name__ == "__main__":
    database = database_at(os.environ["DATABASE_URL"])
    {"anew": anew, "settle": settle}[sys.argv[1]]()
