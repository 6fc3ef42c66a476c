"""Any text on paper: each letter in a face that has it.

The PDF embeds Bitstream Vera, which comes with reportlab, and names STSong-Light, which every PDF reader has or
replaces, for Chinese. A letter that neither has loses its accents, or becomes a square.
"""

import html
import unicodedata
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

TEXT, STRONG, CHINESE = "Vera", "VeraBd", "STSong-Light"
SQUARE = "□"
SPELLED = {"₩": "KRW\u00a0", "₹": "INR\u00a0", "\t": " "}  # signs of money are never a square
SILENT = {"Cc", "Cf", "Mn", "Me"}  # what joins or directs letters has no picture of its own

for name in (TEXT, STRONG):
    pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
LETTERS = frozenset(pdfmetrics.getFont(TEXT).face.charToGlyph)


def is_whole(text: str) -> bool:
    """True if the paper shows each letter as it is."""
    return all(_shown(letter) in {letter, SPELLED.get(letter)} for letter in text if not _is_silent(letter))


def marked_up(text: str, face: str = TEXT) -> str:
    """The text for reportlab's Paragraph: escaped, each run of letters in a face that has them."""
    shown = "".join(_shown(letter) for letter in text if not _is_silent(letter))
    runs = ((name, "".join(run)) for name, run in groupby(shown, lambda letter: _face(letter, face)))
    return "".join(f'<font name="{name}">{html.escape(run, quote=False)}</font>' for name, run in runs)


def _is_silent(letter: str) -> bool:
    return letter not in SPELLED and unicodedata.category(letter) in SILENT


def _shown(letter: str) -> str:
    if letter in SPELLED:
        return SPELLED[letter]
    if _is_known(letter):
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not _is_silent(part))
    return plain if plain and all(map(_is_known, plain)) else SQUARE


def _is_known(letter: str) -> bool:
    return ord(letter) in LETTERS or _is_chinese(letter)


def _is_chinese(letter: str) -> bool:
    """In the character set that STSong-Light is made for."""
    try:
        return bool(letter.encode("gbk"))
    except UnicodeEncodeError:
        return False


def _face(letter: str, face: str) -> str:
    return face if ord(letter) in LETTERS else CHINESE
