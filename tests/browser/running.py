"""A whole shop in processes of its own, as `make run` starts it: gunicorn, the queue, the demo catalogue, SQLite."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.ports import free_port


@contextmanager
def running_shop(folder: Path, **environment: str) -> Iterator[str]:
    """Its address. Its data lie in `folder`, and it ends well."""
    port = free_port()
    own = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/shop.sqlite3",
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }
    command = [sys.executable, "manage.py", "run_shop"]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=os.environ | own | environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "The shop:" in line:
                break
        else:
            raise RuntimeError(f"the shop ended before it said where it is: exit code {process.wait()}")
        # The queue prints mails: a pipe that nobody empties fills up, and the worker stands still.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=30)
        assert code == 0
