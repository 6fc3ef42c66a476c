"""Makes the folder .venv for the shop, with nothing but Python itself: no ensurepip, no pip, no network."""

import hashlib
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)
PIP = Path(__file__).parent / "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"

if sys.version_info < OLDEST:
    sys.exit(
        f"The shop needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is {sys.version.split()[0]}.\n"
        f"Name another one: make setup PYTHON=python{OLDEST[0]}.{OLDEST[1]}"
    )
if hashlib.sha256(PIP.read_bytes()).hexdigest() != PIP_SHA256:
    sys.exit(f"{PIP} is not the file that was reviewed: its SHA-256 differs. Get a clean checkout.")
venv.EnvBuilder(with_pip=False, symlinks=True).create(sys.argv[1])
