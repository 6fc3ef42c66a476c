"""The queue's worker of a running shop: `python -m shop.ops.queue_loop` is `process_order_queue --forever`, and ends
when its standard input does, that is when whoever started it is gone or closes the pipe."""

import os
import signal
import threading

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    threading.Thread(target=_stop_with_our_starter, daemon=True).start()
    call_command("process_order_queue", forever=True, verbosity=0)


def _stop_with_our_starter() -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock would be held in the forked workers
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
