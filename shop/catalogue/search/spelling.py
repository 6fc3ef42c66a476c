"""Slips of the pen. The shop's own words are kept with every form that lacks one letter, and what was asked is looked
up by the forms that lack one: a letter too many, missing, wrong or swapped meets its word in an indexed look-up, on
every database alike and however large the vocabulary."""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher

from django.db.models import F, QuerySet

from shop.catalogue.edition import changing
from shop.catalogue.models import Spelling
from shop.catalogue.search.dialects import dialect
from shop.catalogue.search.words import MOST_ASKED, asked_words, is_without_spaces, plain_words, search_words

SHORTEST, LONGEST, LONG = 4, 24, 8  # letters; a LONG word may hold two slips
MOST_NEAR = 5
BATCH = 1000
FORGOTTEN_AT_ONCE = 100
SPELLED = re.compile(r"[^\W\d]+")


def learn(texts: Iterable[str]) -> set[str]:
    """Adds the texts' words to the vocabulary, and gives them back. None is ever taken out but by `forget_all_but`: a
    stale one finds nothing. Belongs into a transaction that has changed the edition."""
    words = {word for text in texts for word in [*plain_words(text), *search_words(text)] if len(word) <= LONGEST}
    known = set(_words_themselves().filter(word__in=words).values_list("word", flat=True))
    rows = [Spelling(word=word, form=form) for word in sorted(words - known) for form in sorted(_forms(word))]
    Spelling.objects.bulk_create(rows, BATCH, ignore_conflicts=True)
    return words


def forget_all_but(used: set[str], is_used: Callable[[str], bool]) -> None:
    """Takes out of the vocabulary what is not among the `used` words, unless it `is_used` by now. In short
    transactions, each a change of the edition: nobody learns a word while it is forgotten."""
    stale = [word for word in _words_themselves().values_list("word", flat=True).iterator() if word not in used]
    for start in range(0, len(stale), FORGOTTEN_AT_ONCE):
        with changing():
            gone = [word for word in stale[start : start + FORGOTTEN_AT_ONCE] if not is_used(word)]
            Spelling.objects.filter(word__in=gone).delete()
        time.sleep(dialect().pause)


def _words_themselves() -> QuerySet[Spelling]:
    """One row for each word of the vocabulary: that of the form which lacks no letter."""
    return Spelling.objects.filter(form=F("word"))


def corrected(text: str) -> str:
    """The text with each word that the shop doesn't know replaced by the nearest one that it does."""
    asked = plain_words(text)[:MOST_ASKED]
    near = _near(asked)
    return " ".join(near[word][0] if near[word] else word for word in asked)


def near_words(text: str) -> list[str]:
    """A few words of the shop's that stand in the text, or near one that does."""
    asked = asked_words(text)
    near = _near(asked)
    return list(dict.fromkeys(found for word in asked for found in near[word]))[:MOST_NEAR]


def _near(asked: list[str]) -> Mapping[str, list[str]]:
    """For each word the shop's words nearest to it, the best first; a word that is known has no other."""
    forms = {word: _forms(word) for word in asked}
    wanted = {form for several in forms.values() for form in several}
    sharing = defaultdict(set)
    for form, word in Spelling.objects.filter(form__in=wanted).values_list("form", "word"):
        sharing[form].add(word)
    return {word: _best(word, {found for form in forms[word] for found in sharing[form]}) for word in asked}


def _best(asked: str, found: set[str]) -> list[str]:
    if asked in found:
        return [asked]
    near = [word for word in found if len(asked) >= LONG or _is_one_slip(asked, word)]
    return sorted(near, key=lambda word: (-SequenceMatcher(None, asked, word).ratio(), word))


def _is_one_slip(one: str, other: str) -> bool:
    if len(one) != len(other):
        return abs(len(one) - len(other)) == 1  # they share a form: the longer one has a letter more
    wrong = [place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    swapped = len(wrong) == 2 and sorted(one) == sorted(other)
    return len(wrong) == 1 or swapped


def _forms(word: str) -> set[str]:
    """The word itself, and, where a slip can be told from another word, each form that lacks one letter."""
    if not SHORTEST <= len(word) <= LONGEST or is_without_spaces(word) or not SPELLED.fullmatch(word):
        return {word}
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}
