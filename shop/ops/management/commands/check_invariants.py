"""Is everything true that must always be true?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from shop.ops.invariants import INVARIANTS
from shop.ops.invariants.checking import check, text_of


class Command(BaseCommand):
    help = (
        "Checks what must always be true of orders, money, stock and the queue, and says what to do where it is not. "
        "Reads only, while the shop goes on. Exit code 1 if something is broken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--only", nargs="+", choices=[one.name for one in INVARIANTS], help="check these alone")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [one for one in INVARIANTS if one.name in (options["only"] or {one.name})]
        with tqdm(total=len(chosen), unit=" invariants", disable=None) as bar:
            report = check(chosen, lambda invariant, key, last: _show(bar, chosen.index(invariant), f"{key}/{last}"))
            bar.update(len(chosen) - bar.n)
        self.stdout.write(json.dumps(report.as_dict(), indent=2) if options["json"] else "\n".join(text_of(report)))
        if not report.clean:
            raise SystemExit(1)


def _show(bar: "tqdm[Any]", done: int, rows: str) -> None:
    bar.set_postfix_str(f"row {rows}", refresh=False)
    bar.update(done - bar.n)
