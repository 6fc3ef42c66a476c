"""Real invoices through the whole shop, to see it work and to measure it."""

import json
from argparse import ArgumentParser
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm

from shop.ops.replay.invoices import UnreadableFile, read_invoices
from shop.ops.replay.replay import replay


class Command(BaseCommand):
    help = (
        "Orders, pays, delivers and confirms the invoices of a CSV file (columns of the data set Online Retail). "
        "Twice on one database gives the same orders, not double."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as-of", help="confirm receipts overdue at this moment (default: when the last of these parcels is)"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This is a shop in production: nothing is replayed into its books.")
        if {settings.PAYMENT_GATEWAY, settings.DELIVERY_CARRIER} != {"sandbox"}:
            raise CommandError(
                "Set PAYMENT_GATEWAY and DELIVERY_CARRIER to sandbox: a replay pays and ships by itself."
            )
        as_of = _moment(options["as_of"])
        try:
            reading = read_invoices(options["file"])
        except (OSError, UnreadableFile) as error:
            raise CommandError(f"{options['file']} can't be read: {error}") from error
        report = replay(reading, as_of, partial(tqdm, desc="orders", unit=" orders", disable=None))
        self.stdout.write(json.dumps(report.as_dict(), indent=2) if options["json"] else report.as_text())
        if report.money_differs:
            raise CommandError(f"The money of {len(report.money_differs)} orders is not the file's.")


def _moment(text: str | None) -> datetime | None:
    """A date or a time, in the shop's time zone unless it names another."""
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
        day = parse_date(text)
    except ValueError:
        moment = day = None
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (made aware below)
    if moment is None:
        raise CommandError("--as-of takes a date or a time like 2026-12-31 or 2026-12-31T23:59.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
