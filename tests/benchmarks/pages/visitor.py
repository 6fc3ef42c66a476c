"""A shopper without JavaScript: cookies, and the field that a form needs."""

import gzip
import http
import http.client
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip", "Accept-Language": "en-GB"}
TIMEOUT_SECONDS = 30
Address = tuple[str, int]


@dataclass(frozen=True)
class Request:
    path: str
    method: str = "GET"
    cookies: str = ""
    body: str = ""

    @property
    def headers(self) -> dict[str, str]:
        cookies = {"Cookie": self.cookies} if self.cookies else {}
        return HEADERS | cookies | ({"Content-Type": "application/x-www-form-urlencoded"} if self.body else {})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    sent: bytes
    seconds: float

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.sent) if self.headers["Content-Encoding"] == "gzip" else self.sent

    @property
    def token(self) -> str:
        """Raises ValueError if the page has no form."""
        found = TOKEN.search(self.body)
        if not found:
            raise ValueError(f"no form on the page ({self.status})")
        return found[1].decode()


def ask(address: Address, request: Request) -> Answer:
    """One request on a connection of its own, as a sync worker ends it anyway."""
    started = time.perf_counter()
    link = http.client.HTTPConnection(*address, timeout=TIMEOUT_SECONDS)
    try:
        link.request(request.method, request.path, request.body or None, request.headers)
        answer = link.getresponse()
        return Answer(answer.status, answer.headers, answer.read(), time.perf_counter() - started)
    finally:
        link.close()


@dataclass
class Visitor:
    """Keeps the cookies that he gets."""

    address: Address
    jar: dict[str, str] = field(default_factory=dict)

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.jar.items())

    def get(self, path: str) -> Answer:
        return self._ask(Request(path, cookies=self.cookies))

    def adding(self, item: dict[str, str], token: str) -> Request:
        """What pressing the button of the item's page sends."""
        fields = {"csrfmiddlewaretoken": token, "sku": item["sku"], "quantity": "1", "next": item["page"]}
        return Request("/cart/add/", "POST", self.cookies, urlencode(fields))

    def add(self, item: dict[str, str]) -> None:
        """Presses it, and lands where the shop sends him. Raises ValueError if the shop did not take it."""
        answer = self._ask(self.adding(item, self.get(item["page"]).token))
        if answer.status != http.HTTPStatus.FOUND:
            raise ValueError(f"adding to the cart was answered with {answer.status}")
        self.get(item["page"])

    def _ask(self, request: Request) -> Answer:
        answer = ask(self.address, request)
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self.jar[name] = rest.partition(";")[0]
            if "max-age=0" in line.lower():
                del self.jar[name]
        return answer
