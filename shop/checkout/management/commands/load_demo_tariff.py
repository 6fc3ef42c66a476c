"""Fills an empty shop with ways of delivery, taxes and vouchers to try."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop.checkout import demo_tariff


class Command(BaseCommand):
    help = "Loads ways of delivery, tax rates and vouchers for a demo. Refuses in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when staff have set any already")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This is a production shop: its delivery, taxes and vouchers are set in the admin.")
        if options["if_empty"] and not demo_tariff.is_empty():
            return
        demo_tariff.load()
        codes = ", ".join(voucher["code"] for voucher in demo_tariff.VOUCHERS)
        self.stdout.write(f"Delivery, taxes and vouchers of the demo are there. Voucher codes: {codes}.")
