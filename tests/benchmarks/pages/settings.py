"""The shop's settings for the pages that are measured. SB_COUNT_SQL adds to each answer what it asked the database."""

import os

from shop.settings import *  # noqa: F403 (everything the shop sets, with one change)
from shop.settings import MIDDLEWARE as SHOPS

if "SB_COUNT_SQL" in os.environ:
    MIDDLEWARE = ["tests.benchmarks.pages.sql_count.count_sql", *SHOPS]
