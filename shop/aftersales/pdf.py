"""An invoice as a PDF of A4 pages."""

from collections.abc import Iterable, Sequence
from functools import partial
from io import BytesIO
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from shop.aftersales.bill import Bill
from shop.aftersales.lettering import STRONG, TEXT, is_whole, marked_up
from shop.catalogue.money import written
from shop.catalogue.templatetags.shop_words import day, percent

INK, SOFT, LINE = HexColor("#1F2430"), HexColor("#5B6070"), HexColor("#C9C1B4")
PLAIN = ParagraphStyle("plain", fontName=TEXT, fontSize=9, leading=13, textColor=INK)
QUIET = ParagraphStyle("quiet", PLAIN, fontSize=8, leading=11, textColor=SOFT)
FIGURE = ParagraphStyle("figure", PLAIN, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", QUIET, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", PLAIN, fontName=STRONG, fontSize=18, leading=24, spaceBefore=24, spaceAfter=12)
EDGE = 20 * mm
FRAME = 6  # points that reportlab's frame keeps free on each side
WIDTH = A4[0] - 2 * (EDGE + FRAME)
RULED = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE)]
OPEN = [("VALIGN", (0, 0), (-1, -1), "TOP")]


def written_as_pdf(bill: Bill) -> bytes:
    """In the active language. Whatever a shopper has written as his name breaks nothing."""
    file, title = BytesIO(), f"{_('Invoice')} {bill.invoice}"
    edges = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), EDGE)
    paper = SimpleDocTemplate(file, pagesize=A4, title=title, author=bill.seller[0], invariant=1, **edges)
    footer = partial(_number_page, title=title)
    paper.build(_story(bill, title), onFirstPage=footer, onLaterPages=footer)
    return file.getvalue()


def _story(bill: Bill, title: str) -> list[Flowable]:
    story = [_text(line, face=TEXT if i else STRONG) for i, line in enumerate(bill.seller)]
    story += [_text(title, TITLE, STRONG), _who_and_when(bill), Spacer(0, 8 * mm), _goods(bill), _sums(bill)]
    if bill.taxes:
        story += [Spacer(0, 8 * mm), _taxes(bill)]
    shown = [*bill.seller, *bill.buyer, *(line.title for line in bill.lines)]
    return story if all(map(is_whole, shown)) else [*story, Spacer(0, 8 * mm), _text(_replaced(), QUIET)]


def _replaced() -> str:
    return _(
        "This paper cannot print every letter: some stand without their accents, others as a square. "
        "The invoice on your order's page shows them all."
    )


def _who_and_when(bill: Bill) -> Table:
    order = bill.order
    facts = [
        f"{_('Issued')}: {day(bill.invoice.issued_at)}",
        f"{_('Order')}: {order.number}",
        f"{_('Ordered')}: {day(order.placed_at)}",
        _("Paid in full"),
    ]
    return _table([[[_text(line) for line in bill.buyer], [_text(fact) for fact in facts]]], [0.6, 0.4], OPEN)


def _goods(bill: Bill) -> Table:
    money = partial(written, currency=bill.order.currency)
    heads = (_("Qty"), _("Price"), _("Tax"), _("Amount"))
    rows = [[_text(_("Goods"), QUIET), *(_text(head, HEAD) for head in heads)]]
    for line in bill.lines:
        figures = (str(line.quantity), money(line.unit_price), percent(line.tax_rate), money(line.amount))
        what = [_text(line.title), _text(line.sku, QUIET)]
        if line.discount:
            what.append(_text(f"{_('Discount')}: {money(-line.discount)}", QUIET))
        rows.append([what, *(_text(figure, FIGURE) for figure in figures)])
    return _table(rows, [0.48, 0.12, 0.15, 0.1, 0.15], RULED)


def _sums(bill: Bill) -> Table:
    money = partial(written, currency=bill.order.currency)
    rows = []
    for part in bill.sums:
        face = STRONG if part.is_total else TEXT
        label = f"{part.label} ({part.extra})" if part.extra else part.label
        amount = _("free") if part.amount is None else money(part.amount)
        rows.append([_text(label, FIGURE, face), _text(amount, FIGURE, face)])
    return _table(rows, [0.8, 0.2], OPEN)


def _taxes(bill: Bill) -> Table:
    money = partial(written, currency=bill.order.currency)
    heads = (_("Without tax"), _("Tax"), _("With tax"))
    rows = [[_text(_("Tax rate"), QUIET), *(_text(head, HEAD) for head in heads)]]
    for row in bill.taxes:
        figures = (money(row.net), money(row.tax), money(row.gross))
        rows.append([_text(percent(row.rate)), *(_text(figure, FIGURE) for figure in figures)])
    return _table(rows, [0.25, 0.25, 0.25, 0.25], RULED)


def _table(rows: Sequence[Sequence[Any]], shares: Iterable[float], style: list[Any]) -> Table:
    flush = [("LEFTPADDING", (0, 0), (0, -1), 0), ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
    widths, heads = [share * WIDTH for share in shares], int(style is RULED)
    return Table(rows, widths, style=style + flush, repeatRows=heads, hAlign="LEFT")


def _text(words: str | Promise, style: ParagraphStyle = PLAIN, face: str = TEXT) -> Paragraph:
    return Paragraph(marked_up(str(words), face), style)


def _number_page(canvas: Any, paper: SimpleDocTemplate, *, title: str) -> None:
    foot = _text(f"{title} · {paper.page}", HEAD)
    foot.wrapOn(canvas, WIDTH, EDGE)
    foot.drawOn(canvas, EDGE + FRAME, EDGE / 2)
