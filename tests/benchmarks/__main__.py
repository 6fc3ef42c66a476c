"""Measures the queue against plain SQL, and the pages against an empty one: `make bench`. README.md explains it."""

import json
import signal
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.cells import CELLS
from tests.benchmarks.machine import machine, versions
from tests.benchmarks.rounds import KINDS, Rounds
from tests.benchmarks.table import table

NAMES = [cell.name for cell in CELLS]
QUICK = 0.1  # of the jobs
MEASURED = ["loop_seconds", "fdatasync_microseconds", "load"]


def main(arguments: Sequence[str]) -> int:
    """0 if all was measured, whether a goal was reached or not; 1 if something failed; 130 if it was broken off."""
    options = parsed(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # the databases are dropped
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as folder:
        rounds, before = Rounds(options, Path(folder)), machine(Path(folder))
        broken_off = _broken_off(rounds)
        about = {"machine": [before, machine(Path(folder))], "versions": versions() | rounds.versions}
    report(rounds, about, options)
    return 130 if broken_off else int(any(outcome.failed for outcome in rounds.outcomes))


def _broken_off(rounds: Rounds) -> bool:
    """Runs them. True if somebody pressed Ctrl-C: what was measured till then is still worth a table."""
    try:
        rounds.run()
    except KeyboardInterrupt:
        return True
    return False


def parsed(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, help="each measures every cell once (default 3, quick 1)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the jobs, once: to see that all works")
    parser.add_argument("--scale", type=float, help="this share of the jobs (default 1, quick 0.1)")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", help=f"only these: {' '.join(NAMES)}")
    parser.add_argument("--database", nargs="+", choices=KINDS, default=KINDS, help="only these databases")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of every round there too")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.scale = options.scale or (QUICK if options.quick else 1.0)
    return options


def report(rounds: Rounds, about: dict[str, Any], options: Namespace) -> None:
    words = [*table(rounds.outcomes), "", *footer(about, options)]
    words += dict.fromkeys(f"\n{o.cell.name}, {o.database}: {o.problem}" for o in rounds.outcomes if o.failed)
    sys.stdout.write("\n".join(words) + "\n")
    if options.json:
        asked = {"rounds": options.rounds, "scale": options.scale}
        rows = [outcome.as_dict() for outcome in rounds.outcomes]
        options.json.write_text(json.dumps(asked | about | {"rows": rows}, indent=2) + "\n")


def footer(about: dict[str, Any], options: Namespace) -> list[str]:
    before, after = about["machine"]
    return [
        f"Medians of {options.rounds} rounds, with {options.scale:g} of the jobs; each ratio is taken within a round.",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in about["versions"].items()) + ".",
        f"Machine: {before['cores']} cores ({before['cpu']}), {before['memory_gb']} GB.",
        *(f"Before and after: {name.replace('_', ' ')} {before[name]}, {after[name]}." for name in MEASURED),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
