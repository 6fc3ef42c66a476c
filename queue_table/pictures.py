"""Numbers as pictures: SVG without script and without style attributes. The colours are the page's, by class.

A picture is stretched to the width of its place, so it holds no text: words and figures stand beside it in the page.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, ROW, BAR = 1000, 24, 10
LEAST = 8  # of WIDTH: one job among a million is seen too
HEIGHT, COLUMN, GAP = 200, 10, 2


class Part(NamedTuple):
    """A number and the class of its colour."""

    colour: str
    number: int


def bars(title: str, parts: Sequence[Part], longest: int) -> SafeString:
    """One lying bar per part, in rows of equal height; `longest` is the number that fills the width."""
    drawn = [_bar(row, part, longest) for row, part in enumerate(parts)]
    return _picture(title, "bars", WIDTH, ROW * len(parts), drawn)


def columns(title: str, stacks: Sequence[Sequence[Part]], highest: int) -> SafeString:
    """One standing column per stack, its parts one on the other; `highest` is the number that fills the height."""
    drawn = [_column(place, stack, highest) for place, stack in enumerate(stacks)]
    return _picture(title, "columns", COLUMN * len(stacks), HEIGHT, drawn)


def round_up(number: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, …: where an axis may end."""
    power = int("1".ljust(len(str(max(number, 1))), "0"))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= number)


def _bar(row: int, part: Part, longest: int) -> SafeString:
    top = row * ROW + (ROW - BAR) // 2
    length = max(LEAST, WIDTH * part.number // max(longest, 1)) if part.number else 0
    return _rect("track", 0, top, WIDTH, BAR) + _rect(part.colour, 0, top, min(length, WIDTH), BAR)


def _column(place: int, stack: Sequence[Part], highest: int) -> SafeString:
    drawn, below = SafeString(""), 0
    for part in stack:
        height = max(GAP, HEIGHT * part.number // max(highest, 1)) if part.number else 0
        below += height
        drawn += _rect(part.colour, place * COLUMN + 1, HEIGHT - below, COLUMN - GAP, height)
    return drawn


def _rect(colour: str, x: int, y: int, width: int, height: int) -> SafeString:
    if not width or not height:
        return SafeString("")
    return format_html('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', colour, x, y, width, height)


def _picture(title: str, kind: str, width: int, height: int, drawn: Sequence[SafeString]) -> SafeString:
    inside = format_html_join("", "{}", ((part,) for part in drawn))
    text = '<svg class="picture {}" role="img" viewBox="0 0 {} {}" preserveAspectRatio="none"><title>{}</title>{}</svg>'
    return format_html(text, kind, str(width), str(height), title, inside)
