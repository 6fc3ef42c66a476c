"""Fails unless each text of the shop is translated, nothing is fuzzy, and the compiled catalogues say the same."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

BASE_DIR = Path(__file__).resolve().parent.parent
LOCALES = Path("shop/locale")
SOURCES = ["manage.py", "shop", "orders", "delivery", "queue_table", "templates"]
Text = tuple[str | None, str]


def texts(file: Path) -> set[Text]:
    return {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(file)) if not entry.obsolete}


def problems(file: Path) -> list[str]:
    """What one catalogue lacks."""
    catalogue = polib.pofile(str(file))
    lacking = [f"not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
    lacking += [f"fuzzy: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    compiled = file.with_suffix(".mo")
    if not compiled.exists() or meanings(polib.mofile(str(compiled))) != meanings(catalogue):
        lacking.append("the .mo beside it is missing or says something else: make messages")
    return [f"{file.relative_to(BASE_DIR)}: {problem}" for problem in lacking]


def meanings(catalogue: polib.POFile | polib.MOFile) -> dict[Text, object]:
    return {(e.msgctxt, e.msgid): e.msgstr_plural or e.msgstr for e in catalogue if e.msgid and not e.obsolete}


def forgotten(files: list[Path]) -> list[str]:
    """Texts that stand in the sources and in no catalogue, found by makemessages in a copy."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SOURCES:
            copy = shutil.copytree if (BASE_DIR / name).is_dir() else shutil.copy
            copy(BASE_DIR / name, Path(folder) / name)
        environment = os.environ | {"ENV_FILE": os.devnull, "DATA_DIR": f"{folder}/var"}
        command = [sys.executable, "manage.py", "makemessages", "--all", "--no-obsolete", "--verbosity", "0"]
        subprocess.run(command, cwd=folder, env=environment, check=True)
        return [
            f"{file.relative_to(BASE_DIR)}: new text, run make messages: {text!r}"
            for file in files
            for _, text in sorted(texts(Path(folder) / file.relative_to(BASE_DIR)) - texts(file), key=str)
        ]


def main() -> int:
    files = sorted((BASE_DIR / LOCALES).glob("*/LC_MESSAGES/django.po"))
    found = [problem for file in files for problem in problems(file)] if files else [f"no catalogue in {LOCALES}"]
    if shutil.which("xgettext"):
        found += forgotten(files)
    elif os.environ.get("CI") == "true":
        found.append("xgettext is missing: install gettext")
    else:
        print("Not looked for new texts: xgettext is missing (Debian's package gettext).")
    print("\n".join(found) or f"Translations are complete: {len(files)} catalogue(s).")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
