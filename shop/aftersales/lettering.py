"""Any text on paper: each letter in a face that has it.

The PDF embeds Inter, for all that is written in Latin letters, and names STSong-Light, which every PDF reader has or
replaces, for Chinese. A letter that neither has loses its accents, or becomes a square.
"""

import html
import unicodedata
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

FACES = Path(__file__).parent / "faces"
TEXT, STRONG, CHINESE = "inter-400", "inter-600", "STSong-Light"
SQUARE = "□"
SILENT = {"Cc", "Cf", "Mn", "Me"}  # what joins or directs letters has no picture of its own

for name in (TEXT, STRONG):
    pdfmetrics.registerFont(TTFont(name, FACES / f"{name}.ttf"))
pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
LETTERS = frozenset(pdfmetrics.getFont(TEXT).face.charToGlyph)


def is_whole(text: str) -> bool:
    """True if the paper shows each letter as it is."""
    return _shown(text) == _letters_of(text)


def marked_up(text: str, face: str = TEXT) -> str:
    """The text for reportlab's Paragraph: escaped, each run of letters in a face that has them."""
    runs = groupby(_shown(text), lambda letter: face if ord(letter) in LETTERS else CHINESE)
    return "".join(f'<font name="{name}">{html.escape("".join(run), quote=False)}</font>' for name, run in runs)


def _shown(text: str) -> str:
    return "".join(letter if _is_known(letter) else _likeness(letter) for letter in _letters_of(text))


def _letters_of(text: str) -> str:
    """Without what is no letter; an accent of its own melts into its letter where there is one with it."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(letter for letter in composed if unicodedata.category(letter) not in SILENT)


def _likeness(letter: str) -> str:
    plain = _letters_of(unicodedata.normalize("NFKD", letter))
    return plain if plain and all(map(_is_known, plain)) else SQUARE


def _is_known(letter: str) -> bool:
    return ord(letter) in LETTERS or _is_chinese(letter)


def _is_chinese(letter: str) -> bool:
    """In the character set that STSong-Light is made for."""
    try:
        return bool(letter.encode("gbk"))
    except UnicodeEncodeError:
        return False
