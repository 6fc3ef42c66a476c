"""What strangers type, and the forms into which they type it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.db import transaction
from django.test import Client

HOSTILE = {
    "nothing": "",
    "spaces": " \t\r\n\u00a0\u3000",
    "NUL": "a\x00b",
    "long": "x" * 10_000,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f3ee" * 20,
    "right to left": "\u202e\u05d0\u05d3\u05d4\u2066\u0627\u0644\u0639\u0631\u0628\u064a\u0629\u200f",
    "not a character": "\ufffe\uffff\U0010ffff\ue000\ufeff",
    "combining": "Z\u0351\u036b\u0343" * 60,
    "controls": "\x01\x07\x08\x1b[31m\x7f\x85\u2028\r\nBcc: eve@example.org",
    "SQL": "'; DROP TABLE orders_order; --\" OR 1=1 %s %(a)s \\",
    "markup": "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"' &amp;",
    "template": "{{ settings.SECRET_KEY }}{% debug %}${7*7}#{7*7}%x%n",
    "formula": "=cmd|' /C calc'!A0",
    "path": "../../../../etc/passwd%00.webp",
    "address": "https://evil.example//\\evil.example",
    "minus": "-1",
    "zero": "0",
    "billion": "1000000000",
    "huge": "9" * 400,
    "figures without end": "9" * 5000,
    "1e400": "1e400",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "fraction": "0.0000000001",
    "other figures": "\u0661\u0662\u0663\u00b2\uff11",
    "date": "9999-12-31",
    "time": "99:99:99",
    "JSON": '{"a": [1, null, {"b": 1e999}]}',
    "list": "[]",
    "true": "on",
}


@dataclass
class Form:
    """A form as a page shows it: where it goes, what it hides, what is typed or chosen."""

    action: str
    method: str
    hidden: dict[str, list[str]] = field(default_factory=dict)
    visible: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, text: str) -> dict[str, Any]:
        """Sent with the text in every field that is seen, and as it came in those that are not."""
        return self.hidden | dict.fromkeys(self.visible, text)

    def forged(self, text: str) -> dict[str, Any]:
        """Sent with the text in every field, twice and as an array too."""
        names = [*self.hidden, *self.visible]
        return {name: [text, text] for name in names} | {f"{name}[]": text for name in names}


class Forms(HTMLParser):
    """The forms of a page, buttons with a name among their fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self._open)
        elif self._open and given.get("name") and tag in {"input", "textarea", "select", "button"}:
            seen = self._open.hidden if given.get("type") == "hidden" else self._open.visible
            seen.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def answered(client: Client, method: str, path: str, fields: Any = None) -> Any:
    """The answer, with what it did taken back: each attack meets the same shop."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = getattr(client, method)(path, fields)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


FEW = ["nothing", "NUL", "long", "emoji", "controls", "SQL", "markup", "minus", "huge", "1e400", "NaN", "list"]
FORGED = ["NUL", "huge", "JSON"]
EVERYWHERE = {"/language/setlang/", "/search/", "/account/logout/"}  # in the frame of every page: the home page's test


def wounds(client: Client, path: str) -> list[str]:
    """Sends everything hostile through every form of the page; says what broke, or came back unescaped."""
    page = answered(client, "get", path)
    assert page.status_code == 200, path
    forms = {(form.action, *form.visible): form for form in Forms(page.content.decode()).found}
    own = [form for form in forms.values() if path == "/" or form.action not in EVERYWHERE]
    return [
        f"{form.method} {form.action or path}: {fields}"
        for form in own
        for fields in [*(form.filled(HOSTILE[name]) for name in FEW), *(form.forged(HOSTILE[name]) for name in FORGED)]
        if hurts(answered(client, form.method, form.action or path, fields))
    ]


def hurts(answer: Any) -> bool:
    return answer.status_code >= 500 or b"<script>alert" in answer.content
