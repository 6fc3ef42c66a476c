"""Ends jobs by hand, when the log-in to the admin is too far away or the jobs are too many."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models.functions import Now
from tqdm import tqdm

from queue_table.cancelling import Ended, cancel_in_batches, cancellable, total
from queue_table.management.choosing import add_choice, age, chosen
from queue_table.management.operator import operator
from queue_table.models import Job
from queue_table.narrowing import narrowed


class Command(BaseCommand):
    help = (
        "Cancels jobs: those that wait fail at once, those that run are asked to end and are not tried again. "
        "At least one option must say which; several narrow the choice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_choice(parser)
        parser.add_argument("--older-than", type=age, metavar="AGE", help="rows written longer ago: 30m, 2h, 7d")
        parser.add_argument("--reason", default="", help="kept with the row for whoever wonders")
        parser.add_argument("--dry-run", action="store_true", help="say how many there are, and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        known = chosen(options)
        jobs = narrowed(Job.objects.all(), **known)
        if options["older_than"] is not None:
            jobs = jobs.filter(created_at__lt=Now() - options["older_than"])
        elif not known:
            raise CommandError("Say which jobs: --id, --kind, --task, --queue or --older-than.")
        keys = cancellable(jobs)
        if options["dry_run"]:
            self.stdout.write(f"would_cancel={len(keys)}")
        else:
            ended = _cancel(keys, options["reason"])
            self.stdout.write(f"cancelled={ended.cancelled} asked={ended.asked}")


def _cancel(keys: list[int], reason: str) -> Ended:
    ended = Ended(0, 0)
    with tqdm(total=len(keys), unit=" jobs", disable=None, leave=False) as bar:
        for part in cancel_in_batches(keys, operator(), reason):
            ended = total([ended, part])
            bar.update(sum(part))
    return ended
