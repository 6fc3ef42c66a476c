"""The origin's way of taking work, kept to show what is wrong with it: `python -m tests.origin_worker FOLDER`.

It marks its rows with status 2, and then works on every row that has status 2.
"""

import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import django

django.setup()

from django.db.models.functions import Now  # noqa: E402 (after the set-up)

from queue_table.lifecycle import Status  # noqa: E402
from queue_table.models import Job  # noqa: E402
from queue_table.routes import find_task  # noqa: E402


def main(folder: Path) -> None:
    mine = list(Job.objects.filter(status=Status.READY).order_by("pk").values_list("pk", flat=True)[:10])
    Job.objects.filter(pk__in=mine).update(status=Status.CLAIMED, claim_token=uuid4())
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < 2:  # a busy machine may pause here as long as the other one needs to get so far
        time.sleep(0.01)
    for job in Job.objects.filter(status=Status.CLAIMED):
        find_task(job.task).call(*job.payload["args"])
        Job.objects.filter(pk=job.pk).update(status=Status.DONE, claim_token=None, finished_at=Now())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
