"""The fields of a page's forms with what stands in them, as a browser would send them unchanged."""

from html.parser import HTMLParser


def as_shown(page: str) -> dict[str, str]:
    """By name; of rows that only a script would add, those with __prefix__, nothing."""
    reader = _Reader()
    reader.feed(page)
    return {name: value for name, value in reader.sent.items() if name and "__prefix__" not in name}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "input" and (told.get("type") not in {"checkbox", "file", "submit"} or "checked" in told):
            self.sent[told.get("name", "")] = told.get("value", "on" if told.get("type") == "checkbox" else "")
        elif tag == "select":
            self._select = told.get("name", "")
        elif tag == "option" and self._select and ("selected" in told or self._select not in self.sent):
            self.sent[self._select] = told.get("value", "")
        elif tag == "textarea":
            self._text = told.get("name", "")
            self.sent[self._text] = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.sent[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        if tag == "select":
            self._select = ""
