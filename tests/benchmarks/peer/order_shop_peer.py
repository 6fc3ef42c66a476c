"""Our shop beside others, in the benchmark of shops: `python3 -m order_shop_peer OUT.json` (the README says how).

This module runs in that benchmark's environment. The shop's servers run there too, with this project's packages put
before that benchmark's own: PYTHONPATH. What fills and audits the shop runs in the project's environment.
"""

import json
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from shopbench import run  # type: ignore[import-not-found]  # the other benchmark's
from shopbench.shops import Shop  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[3]
PYTHON = os.environ.get("ORDER_QUEUE_PYTHON", str(ROOT / ".venv" / "bin" / "python"))
PACKAGES = next(Path(PYTHON).parents[1].glob("lib/python3*/site-packages"))
NUMBER = re.compile(r"/orders/([0-9A-Z-]+)/")
SCARCE = "60"
WHO = {
    "name": "Gwen Guest",
    "email": "guest@example.com",
    "address": "1 Road",
    "city": "Town",
    "postcode": "N1 9GU",
    "country": "GB",
}


class OrderShop(Shop):  # type: ignore[misc]
    name = "order_shop"
    wsgi = "shop.wsgi:application"
    folder = ROOT

    @property
    def data(self) -> Path:
        return Path(self.tmp) / "data" / f"order-shop-{self.db}-{self.products}"

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(PACKAGES)]),
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.pages.settings",
            "ENV_FILE": os.devnull,
            "ENVIRONMENT": "development",
            "SECRET_KEY": "for-benchmarks-only-" * 3,
            "DATA_DIR": str(self.data),
            "DATABASE_URL": self._url(f"order_shop_{self.products}"),
            **self.extra_env,
        }

    def _url(self, name: str) -> str:
        if self.db == "sqlite":
            return f"sqlite:///{self.data}/shop.sqlite3"
        return f"postgres://postgres@127.0.0.1:{os.environ.get('SB_PGPORT', '55532')}/{name}"

    @property
    def facts(self) -> dict[str, Any]:
        where: dict[str, Any] = json.loads((self.data / "shop.json").read_text())
        return where | {kind: [{"id": item["sku"], **item} for item in where[kind]] for kind in ("items", "scarce")}

    def prepare(self) -> None:
        if (self.data / "shop.json").exists():
            return
        self.data.mkdir(parents=True, exist_ok=True)
        self._project("-m", "tests.benchmarks.peer.order_shop_database", "anew")
        self._project("manage.py", "migrate", "--verbosity", "0")
        self._project("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        told = self._project("-m", "tests.benchmarks.pages.fill", str(self.products), str(self.orders), SCARCE)
        self._project("-m", "tests.benchmarks.peer.order_shop_database", "settle")
        (self.data / "shop.json").write_text(told)

    def _project(self, *command: str) -> str:
        done = subprocess.run([PYTHON, *command], cwd=ROOT, env=self.env, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def audit(self, ids: list[str]) -> Any:
        return self.run_script(PYTHON, "-m", "tests.benchmarks.peer.order_shop_audit", *ids)

    def add(self, browser: Any, item: dict[str, str], csrf: str) -> Any:
        fields = {"csrfmiddlewaretoken": csrf, "sku": item["sku"], "quantity": "1", "next": item["page"]}
        return browser.post("/cart/add/", fields, item["page"])

    def checkout(self, browser: Any) -> Any:
        browser.get("/cart/")
        return browser.get("/checkout/")

    def place(self, browser: Any, page: Any) -> Any:
        """What the page's own form holds, and who buys."""
        return browser.post("/checkout/", Form(page.body.decode()).fields | WHO, "/checkout/")

    def order_number(self, page: Any) -> str | None:
        found = NUMBER.search(page.path)
        return found[1].replace("-", "") if found else None  # the benchmark expects letters and figures alone


class Form(HTMLParser):
    """The fields of the form that has a `key`, as a browser would send them untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.done = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        chosen = given.get("type") not in {"radio", "checkbox", "submit"} or "checked" in given
        if tag == "form" and not self.done:
            self.fields = {}
        elif tag == "input" and given.get("name") and chosen and not self.done:
            self.fields[str(given["name"])] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        self.done = self.done or (tag == "form" and "key" in self.fields)


PARTS = "weigh pages add orders race"
run.SETUPS |= {
    "order-shop-postgres-1000": (OrderShop, "postgres", 1000, 0, {}, PARTS),
    "order-shop-postgres-10000": (OrderShop, "postgres", 10000, 100000, {}, PARTS),
    "order-shop-sqlite-1000": (OrderShop, "sqlite", 1000, 0, {}, PARTS),
}

if __name__ == "__main__":
    run.main()
