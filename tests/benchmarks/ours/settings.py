"""The shop's settings for the processes that the benchmarks start."""

from shop.settings import *  # noqa: F403 (everything the shop sets, with one change)
from shop.settings import QUEUE_DUTIES as SHOP_DUTIES

# The daily sweeps would read a million finished rows once, in whichever cell met their slots first.
DAILY = ("prune", "forget", "check_invariants")
QUEUE_DUTIES = {path: every for path, every in SHOP_DUTIES.items() if not any(word in path for word in DAILY)}
