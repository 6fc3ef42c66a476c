"""Texts cut into the words that the search compares: the same for what is searched and for what is asked."""

import re
import unicodedata
from itertools import pairwise

LONGEST_WORD = 40
MOST_ASKED = 8
SCRIPTS_WITHOUT_SPACES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(f"[{SCRIPTS_WITHOUT_SPACES}]+|[^\\W_{SCRIPTS_WITHOUT_SPACES}]+")
WITHOUT_SPACES = re.compile(f"[{SCRIPTS_WITHOUT_SPACES}]")
SAY_NOTHING = frozenset("a an and at by for from in of on or the to with".split())


def folded(text: str) -> str:
    """Without capitals, accents and the widths of East Asian letters."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def plain_words(text: str) -> list[str]:
    """The folded words as they are spelled; a run of Chinese is one word."""
    return [run[:LONGEST_WORD] for run in RUNS.findall(folded(text))]


def search_words(text: str) -> list[str]:
    """What the index holds of the text: singulars, and Chinese as overlapping pairs."""
    return [word for run in plain_words(text) for word in _cut(run)]


def asked_words(text: str) -> list[str]:
    """What a query looks for: its first few words, without those that say nothing unless it has no others."""
    words = list(dict.fromkeys(word for run in plain_words(text) for word in _pairs(run) or [singular(run)]))
    return ([word for word in words if word not in SAY_NOTHING] or words)[:MOST_ASKED]


def is_growing(word: str, words: list[str]) -> bool:
    """It may be a beginning: the last word of a query, and any single Chinese sign, which stands in no pair."""
    return word == words[-1] or (len(word) == 1 and is_without_spaces(word))


def is_without_spaces(word: str) -> bool:
    return bool(WITHOUT_SPACES.match(word))


def _cut(run: str) -> list[str]:
    # The last sign stands alone too: a query of one sign then finds it, as the beginning of some word, anywhere.
    return [*_pairs(run), run[-1]] if is_without_spaces(run) else [singular(run)]


def _pairs(run: str) -> list[str]:
    return ["".join(pair) for pair in pairwise(run)] if is_without_spaces(run) else []


def singular(word: str) -> str:
    """The singular of an English plural; another word that ends in s loses it as well, on both sides alike."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "ches", "shes", "sses", "zes")) else word[:-1]
