"""Issue 4's goals for the pages. Each page has the rows that `measuring` measures of it, in that order."""

from tests.benchmarks.goals import Goal, Row, at_most, ratio, ratio_at_most
from tests.benchmarks.pages.visits import ADD

EVERYWHERE = ("MariaDB", "PostgreSQL", "SQLite")
SHARES = {"home": 12, "category": 12, "product": 12, "search": 20, "cart": 20, ADD: 15}
STATEMENTS = {"home": 8, "category": 8, "product": 8}


def _rows(page: str, share: int) -> list[Row]:
    quick, counted = _goal(ratio(round(1 / share, 4))), _goal(at_most(STATEMENTS[page])) if page in STATEMENTS else {}
    return [
        Row(f"{page}, 8 connections", "requests/s", "empty view", quick),
        Row(f"{page}, 32 connections", "requests/s", "empty view", quick),
        Row(f"{page}, a change each second", "requests/s", "empty view"),
        Row(f"{page}, p99 of 8", "ms", "p50"),
        Row(f"{page}, p99 of 32", "ms", "p50", _goal(ratio_at_most(3))),
        Row(f"{page}, CPU of one", "ms", "empty view"),
        Row(f"{page}, 10,000 products", "of the empty view", "1,000 products", _goal(ratio(0.8))),
        Row(f"{page}, statements", "", "", counted),
        Row(f"{page}, as sent", "bytes", "HTML"),
    ]


def _goal(goal: Goal) -> dict[str, Goal]:
    return dict.fromkeys(EVERYWHERE, goal)


ROWS = [row for page, share in SHARES.items() for row in _rows(page, share)]
