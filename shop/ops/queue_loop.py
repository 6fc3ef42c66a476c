"""What cron does on a server, without cron: `python -m shop.ops.queue_loop` empties the queue again and again."""

import os
import select
import sys
from io import StringIO

import django
from django.core.management import call_command

RUN_SECONDS = 30
PAUSE_SECONDS = 2


def main() -> None:
    """Runs until its standard input ends, that is until whoever started it is gone or closes the pipe."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    while True:
        report = StringIO()
        call_command("process_order_queue", max_seconds=RUN_SECONDS, verbosity=0, stdout=report)
        if "claimed=0" not in report.getvalue():
            sys.stdout.write(f"queue: {report.getvalue()}")
            sys.stdout.flush()
        if select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
            return


if __name__ == "__main__":
    main()
