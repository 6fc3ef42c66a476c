"""The shop's settings for tests: nothing of the developer's .env, environment or data, and no shared memory.

`tests.run` names the database in TEST_DATABASE_URL and the folder for data in TEST_DATA_DIR; without it, SQLite in a
folder of its own that goes when the tests end.
"""

import atexit
import os
import shutil
import tempfile

if "TEST_DATA_DIR" not in os.environ:
    os.environ["TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="shop-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_DATA_DIR"], ignore_errors=True)

TEST_DATA_DIR = os.environ["TEST_DATA_DIR"]
os.environ |= {
    "ENV_FILE": os.devnull,
    "ENVIRONMENT": "development",
    "SECRET_KEY": "for-tests-only-" * 5,
    "DEBUG": "off",
    "DATA_DIR": TEST_DATA_DIR,
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", f"sqlite:///{TEST_DATA_DIR}/shop.sqlite3"),
}

from shop.settings import *  # noqa: E402, F403 (after the environment; everything the shop sets, with two changes)
from shop.settings import STATIC_ROOT  # noqa: E402 (the same)

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # empty: the test client's pages link to files and never fetch them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},  # needs no collectstatic
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick: no test is about Argon2's slowness
