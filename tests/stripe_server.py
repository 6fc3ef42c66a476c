"""Stripe's API as far as the shop uses it, on a real socket: same addresses, same shapes, same idempotency."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "sk_test_for_nobody"


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Stripe:
    """What the account holds. `faults` are taken one after the other: a status, or a word that names a mishap."""

    def __init__(self) -> None:
        self.sessions: dict[str, Any] = {}
        self.intents: dict[str, Any] = {}
        self.refunds: dict[str, Any] = {}
        self.keys: dict[str, tuple[str, Any]] = {}
        self.faults: list[Any] = []
        self.calls: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        self.url = ""

    def answer(self, method: str, path: str, said: dict[str, str], key: str) -> Any:
        """A known key gives the first answer again, and refuses other words."""
        words = json.dumps([path, sorted(said.items())])
        with self.lock:
            if key and key in self.keys:
                if self.keys[key][0] != words:
                    raise Refused(400, "idempotency_error")
                return self.keys[key][1]
            answer = self._do(method, path.strip("/").split("/")[1:], said)
            if key:
                self.keys[key] = (words, answer)
            return answer

    def _do(self, method: str, parts: list[str], said: dict[str, str]) -> Any:
        match method, *parts:
            case "POST", "checkout", "sessions":
                return self._open(said)
            case "GET", "checkout", "sessions", name:
                session = self._found(self.sessions, name)
                return session | {"payment_intent": self.intents.get(session["payment_intent"])}
            case "POST", "checkout", "sessions", name, "expire":
                session = self._found(self.sessions, name)
                if session["status"] != "open":
                    raise Refused(400, "session_not_open")
                return self._change(session, status="expired")
            case "POST", "payment_intents", name, "capture":
                return self._end(name, "succeeded", "paid")
            case "POST", "payment_intents", name, "cancel":
                return self._end(name, "canceled", "unpaid")
            case "POST", "refunds":
                return self._refund(said)
            case "GET", "refunds":
                mine = [one for one in self.refunds.values() if one["payment_intent"] == said["payment_intent"]]
                return {"object": "list", "data": mine, "has_more": False, "url": "/v1/refunds"}
        raise Refused(404, "resource_missing")

    def _found(self, rows: dict[str, Any], name: str) -> Any:
        if name not in rows:
            raise Refused(404, "resource_missing")
        return rows[name]

    def _change(self, row: Any, **columns: Any) -> Any:
        row.update(columns)
        return row

    def _open(self, said: dict[str, str]) -> Any:
        name = f"cs_test_{len(self.sessions) + 1}"
        price = "line_items[0][price_data]"
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "url": f"https://checkout.stripe.test/{name}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "client_reference_id": said["client_reference_id"],
            "metadata": {"reference": said["metadata[reference]"], "shop": said["metadata[shop]"]},
            "amount_total": int(said[f"{price}[unit_amount]"]),
            "currency": said[f"{price}[currency]"],
            "expires_at": int(said["expires_at"]),
            "capture_method": said["payment_intent_data[capture_method]"],
        }
        return dict(self.sessions[name])

    def pay(self, name: str) -> tuple[str, Any]:
        """The customer pays on the session's page: the event that Stripe tells the shop, as type and object."""
        session = self.sessions[name]
        intent = f"pi_{name}"
        later = session["capture_method"] == "manual"
        self.intents[intent] = {
            "id": intent,
            "object": "payment_intent",
            "status": "requires_capture" if later else "succeeded",
            "amount": session["amount_total"],
            "amount_capturable": session["amount_total"] if later else 0,
            "currency": session["currency"],
            "metadata": session["metadata"],
            "session": name,
        }
        paid = "unpaid" if later else "paid"
        self._change(session, status="complete", payment_status=paid, payment_intent=intent)
        if later:
            return "payment_intent.amount_capturable_updated", dict(self.intents[intent])
        return "checkout.session.completed", dict(session)

    def _end(self, name: str, status: str, paid: str) -> Any:
        intent = self._found(self.intents, name)
        if intent["status"] != "requires_capture":
            raise Refused(400, "payment_intent_unexpected_state")
        self._change(self.sessions[intent["session"]], payment_status=paid)
        return self._change(intent, status=status)

    def _refund(self, said: dict[str, str]) -> Any:
        intent, amount = self._found(self.intents, said["payment_intent"]), int(said["amount"])
        before = sum(one["amount"] for one in self.refunds.values() if one["payment_intent"] == intent["id"])
        if before + amount > intent["amount"]:
            raise Refused(400, "charge_already_refunded")
        name = f"re_{len(self.refunds) + 1}"
        self.refunds[name] = {
            "id": name,
            "object": "refund",
            "status": "succeeded",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": {"refund": said["metadata[refund]"], "shop": said["metadata[shop]"]},
        }
        return self.refunds[name]


class Handler(BaseHTTPRequestHandler):
    stripe: Stripe

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        where = urlsplit(self.path)
        said = dict(parse_qsl(where.query or body))
        self.stripe.calls.append((self.command, where.path))
        fault = self.stripe.faults.pop(0) if self.stripe.faults else None
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self._send(401, {"error": {"type": "invalid_request_error", "message": "no such key"}})
        elif isinstance(fault, int):
            moved = {"Location": f"{self.stripe.url}/v1/elsewhere"} if 300 <= fault < 400 else {}
            self._send(fault, {"error": {"type": "api_error", "message": "a bad day"}}, **moved)
        else:
            self._answer(where.path, said, fault)

    def _answer(self, path: str, said: dict[str, str], fault: str | None) -> None:
        if fault == "silence":
            time.sleep(1.5)
            return
        try:
            answer = self.stripe.answer(self.command, path, said, self.headers.get("Idempotency-Key", ""))
        except Refused as refusal:
            kind = "idempotency_error" if refusal.code == "idempotency_error" else "invalid_request_error"
            self._send(refusal.status, {"error": {"type": kind, "code": refusal.code, "message": refusal.code}})
            return
        if fault == "lost":  # done, and nobody hears of it
            self.connection.close()
        elif fault == "endless":
            self._send(200, {"padding": "x" * 3_000_000})
        elif fault == "no json":
            self._send(200, "<html>hello</html>")
        else:
            self._send(200, answer)

    def _send(self, status: int, answer: Any, **headers: str) -> None:
        body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Stripe]:
    stripe = Stripe()
    handler = type("Bound", (Handler,), {"stripe": stripe})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a line that we cut ourselves
        stripe.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield stripe
        finally:
            server.shutdown()
            thread.join(10)
