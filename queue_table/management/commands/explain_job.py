"""Why has this job not run?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queue_table.explaining import explain
from queue_table.models import Job


class Command(BaseCommand):
    help = "Says why a row of order_queue has not run, who has it, or how it ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, help="the row's id, as the admin shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        job = Job.objects.filter(pk=options["id"]).first()
        if job is None:
            raise CommandError(f"There is no row {options['id']} (any more): done rows are pruned after a while.")
        about = "" if job.order_id is None else f" It is about order {job.order_id}."
        self.stdout.write(explain(job) + about)
