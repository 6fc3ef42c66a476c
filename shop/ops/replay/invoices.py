"""Reads a file in the form of the data set "Online Retail": one line a row, many rows an invoice."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

COLUMNS = {"InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID", "Country"}
GOODS = re.compile(r"\d{5}\w{0,5}|DCGS\d+\w?")  # other codes are postage, fees, discounts, vouchers
LARGEST_QUANTITY = 1_000_000
LARGEST_AMOUNT = 1_000_000
LONGEST_TITLE = 160


class UnreadableFile(Exception):
    """Not a file of this form; the message says what is missing."""


@dataclass
class Line:
    sku: str
    title: str
    unit_price: Decimal
    quantity: int

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass
class Invoice:
    number: str
    customer: str
    country: str
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def is_cancellation(self) -> bool:
        return self.number.startswith("C")

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines.values()), Decimal(0))

    @property
    def key(self) -> str:
        """Names this invoice with this content: the same again is the same order."""
        content = "\n".join(f"{line.sku} {line.unit_price} {line.quantity}" for line in self.lines.values())
        return f"replay-{self.number}-{hashlib.sha256(content.encode()).hexdigest()[:20]}"


@dataclass
class Reading:
    """All invoices of a file, and how many of its lines can't be sold, by reason."""

    invoices: list[Invoice]
    skipped: Counter[str]


def read_invoices(path: Path) -> Reading:
    """Reads the whole file. Raises UnreadableFile or OSError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = COLUMNS - set(rows.fieldnames or [])
            if missing:
                raise UnreadableFile(f"it has no column {', '.join(sorted(missing))}")
            return _collect(rows)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile("it is not a CSV file in UTF-8") from error


def _collect(rows: Iterable[Mapping[str, str]]) -> Reading:
    reading = Reading([], Counter())
    invoices: dict[str, Invoice] = {}
    for row in rows:
        number = (row["InvoiceNo"] or "").strip().upper()
        if not number:
            reading.skipped.update(["no invoice number"])
            continue
        customer, country = (row["CustomerID"] or "").strip(), (row["Country"] or "").strip()
        invoice = invoices.setdefault(number, Invoice(number, customer, country))
        if not invoice.is_cancellation:
            reason = _add(invoice, row)
            reading.skipped.update([reason] if reason else [])
    reading.invoices = list(invoices.values())
    return reading


def _add(invoice: Invoice, row: Mapping[str, str]) -> str:
    """Adds the row to the invoice, or says why it can't be sold. A sku that comes twice is one line."""
    try:
        quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
    except (TypeError, ValueError, InvalidOperation):
        return "unreadable number"
    sku, title = (row["StockCode"] or "").strip().upper(), " ".join((row["Description"] or "").split())
    known = invoice.lines.get(sku)
    reason = _refusal(sku, title, quantity, price) or ("two prices" if known and known.unit_price != price else "")
    if reason:
        return reason
    if known:
        known.quantity += quantity
    else:
        invoice.lines[sku] = Line(sku, title, price, quantity)
    return ""


def _refusal(sku: str, title: str, quantity: int, price: Decimal) -> str:
    refusals = {
        "no goods": not GOODS.fullmatch(sku),
        "price 0": price == 0,
        "no title": not title,
        "impossible price": not price.is_finite() or price < 0 or price != round(price, 2),
        "impossible quantity": not 0 < quantity <= LARGEST_QUANTITY,
        "impossible amount": price.is_finite() and price * quantity > LARGEST_AMOUNT,
        "title too long": len(title) > LONGEST_TITLE,
    }
    return next((reason for reason, refused in refusals.items() if refused), "")
