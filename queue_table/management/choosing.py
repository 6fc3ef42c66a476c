"""The options by which commands choose jobs."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from queue_table import clock

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def add_choice(parser: ArgumentParser) -> None:
    parser.add_argument("--id", type=int, action="append", default=[], dest="ids", help="this row; may be repeated")
    parser.add_argument("--kind", default="", help="rows of this kind, such as order.confirmed")
    parser.add_argument("--task", default="", help="rows of the task with this dotted path")
    parser.add_argument("--queue", default="", help="rows of this queue")


def chosen(options: dict[str, Any], *more: str) -> dict[str, Any]:
    """What was given of these options, for `narrowed` and the like."""
    return {name: options[name] for name in ("ids", "kind", "task", "queue", *more) if options[name]}


def age(text: str) -> timedelta:
    """`90s`, `30m`, `2h` or `7d`."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if match is None:
        raise ArgumentTypeError(f"{text!r} is no age such as 90s, 30m, 2h or 7d")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def moment(text: str) -> datetime:
    """An age before now, by the database's clock, or a date with or without a time, in the shop's time zone."""
    if re.fullmatch(r"\d+[smhd]", text):
        return clock.now() - age(text)
    try:
        day = parse_date(text)
        found = datetime(day.year, day.month, day.day) if day else parse_datetime(text)  # noqa: DTZ001 (made aware)
    except ValueError:
        found = None
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no date, no time such as 2026-12-24T18:00, and no age such as 2h")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
