"""Whatever a request looks like, it gets an answer in the shop's own words: 4xx for nonsense, never a 500."""

import io
import secrets
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory

from orders.models import Order
from shop.cart.models import KeptLine
from shop.wsgi import application
from tests.factories import VariantFactory
from tests.shopping import checkout_fields, shopper_with

pytestmark = pytest.mark.django_db
ALPHABETS = [
    "charset=base64",
    "charset=undefined",
    "charset=idna",
    "charset=unicode_escape",
    "charset=utf-16",
    "charset=nonsense",
    'charset="utf-8"',
    "charset*=nonsense''utf-8",
    "CHARSET*0=base; charset*1=64",
    "charset",
]
FORM = b'--b\r\nContent-Disposition: form-data; name="sku"\r\n\r\n\\ud800\r\n--b--\r\n'


def ask(method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> int:
    """The status of the shop's answer over WSGI, as a server asks for it."""
    started: list[str] = []
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD=method, PATH_INFO=path, QUERY_STRING=query, CONTENT_LENGTH=str(len(body)), **headers
    )
    environ["wsgi.input"] = io.BytesIO(body)
    for signal in (request_started, request_finished):  # the test's connection stays open
        signal.disconnect(close_old_connections)
    try:
        answer = application(environ, lambda status, headers: started.append(status))
        list(answer)
        answer.close()
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    return int(started[0][:3])


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_a_request_in_an_alphabet_of_its_own_is_read_as_utf8(alphabet: str) -> None:
    for path in ("/search/", "/nowhere/"):
        assert ask("GET", path, "q=\\ud800", CONTENT_TYPE=f"text/plain; {alphabet}") in {200, 404}
    token = secrets.token_urlsafe(24)[:32]
    for kind in ("multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "text/plain"):
        answer = ask(
            "POST", "/cart/add/", "", FORM, CONTENT_TYPE=f"{kind}; {alphabet}", HTTP_COOKIE=f"csrftoken={token}"
        )
        assert answer == 403


def test_more_fields_than_any_form_has_are_refused() -> None:
    many = "&".join(f"f{n}=1" for n in range(2000))
    assert ask("GET", "/search/", many, CONTENT_TYPE="text/plain; charset=utf-8") in {200, 400}
    assert Client().post("/cart/add/", many.encode(), "application/x-www-form-urlencoded").status_code == 400


BODIES: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", FORM),
    "an empty boundary": ("multipart/form-data; boundary=", FORM),
    "a boundary that is none": ("multipart/form-data; boundary=\x7f\xff", FORM),
    "another boundary": ("multipart/form-data; boundary=c", FORM),
    "half a body": ("multipart/form-data; boundary=b", FORM[:40]),
    "a part without a name": ("multipart/form-data; boundary=b", FORM.replace(b'; name="sku"', b"")),
    "a file in a text field": ("multipart/form-data; boundary=b", FORM.replace(b'"sku"', b'"sku"; filename="x"')),
    "broken base64": (
        "multipart/form-data; boundary=b",
        FORM.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1),
    ),
    "JSON": ("application/json", b'{"sku": ["a"], "quantity": {}}'),
    "XML": ("text/xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
    "bytes that are no text": ("application/x-www-form-urlencoded", b"sku=\xff\xfe\xed\xa0\x80&quantity=\xc3"),
    "percents that are no text": ("application/x-www-form-urlencoded", b"sku=%ff%ed%a0%80%&quantity=%u0031"),
    "arrays": ("application/x-www-form-urlencoded", b"sku[]=a&sku[a]=b&quantity[]=1&[]=&=&&;"),
    "three megabytes": ("application/x-www-form-urlencoded", b"sku=" + b"x" * 3_000_000),
    "nothing": ("application/x-www-form-urlencoded", b""),
    "no type": ("", b"sku=a&quantity=1"),
}
POSTS = ["/cart/add/", "/cart/set/", "/cart/accept/", "/checkout/", "/orders/find/", "/account/login/"]
POSTS += ["/account/signup/", "/account/password/reset/", "/language/setlang/"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_form_changes_nothing(path: str, name: str) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    kept = list(KeptLine.objects.values_list("sku", "quantity"))
    kind, body = BODIES[name]
    assert client.generic("POST", path, body, kind).status_code < 500
    assert (list(KeptLine.objects.values_list("sku", "quantity")), Order.objects.count()) == (kept, 0)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "x", "GET\x00"])
def test_methods_that_no_page_knows_are_refused(method: str) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    client.post("/checkout/", checkout_fields(client))
    number = Order.objects.get().number
    for path in (
        *POSTS[:5],
        "/",
        "/cart/",
        "/search/",
        f"/orders/{number}/",
        f"/orders/{number}/cancel/",
        "/robots.txt",
    ):
        assert client.generic(method, path).status_code == 405, path


COOKIES = [
    'sessionid="aaaaaaaaaaaa\\000"',
    "sessionid=" + "a" * 5000,
    "sessionid=' OR 1=1 --",
    "sessionid=\xed\xa0\x80\xff",
    'csrftoken="\\000"; django_language="\\000en"; messages="\\000"',
    "csrftoken=x; django_language=../../etc/passwd; messages=W1tdXQ:1:x",
    "django_language=" + "zh-" * 300,
    'messages=[["__json_message",1,20,"<script>"]]:x:y',
    "=; ;;; a=b=c; " + "k=v; " * 500,
]


@pytest.mark.databases
@pytest.mark.parametrize("cookie", COOKIES)
def test_cookies_that_are_not_ours_are_no_cookies(cookie: str) -> None:
    stranger = Client(HTTP_COOKIE=cookie)
    for path in ("/", "/cart/", "/checkout/", "/account/", "/orders/AAAA-AAAA-AAAA/", "/admin/"):
        answer = stranger.get(path)
        assert answer.status_code in {200, 302, 404}, path
        assert b"<script>" not in answer.content
    assert stranger.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1}).status_code == 302


@pytest.mark.parametrize("name", ["a" * 300 + ".webp", "a/" * 3000, "..%2f..%2fetc/passwd", "%00", "pictures/", "%ff"])
def test_a_picture_that_can_not_be_is_not_there(name: str) -> None:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    assert Client().get(f"/media/{name}").status_code in {400, 404}


HEADERS: list[dict[str, Any]] = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "localhost:notaport"},
    {"HTTP_HOST": "[::1"},
    {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_ACCEPT_LANGUAGE": "zh;q=9e9,*;q=NaN," + "x-" * 4000},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[", "HTTP_HX_TARGET": "\xff"},
    {"HTTP_REFERER": "http://[::1", "HTTP_ORIGIN": "null"},
    {"HTTP_IF_MODIFIED_SINCE": "x", "HTTP_IF_NONE_MATCH": '"\xff', "HTTP_RANGE": "bytes=-1-,"},
    {"HTTP_X_FORWARDED_FOR": "not an address, \x7f", "REMOTE_ADDR": ""},
    {"CONTENT_LENGTH": "-1"},
    {"HTTP_ACCEPT_ENCODING": "gzip;q=x, \x00"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: next(iter(headers)))
def test_headers_of_any_kind_break_no_page(headers: dict[str, Any]) -> None:
    for path in ("/", "/search/?q=a", "/cart/", "/account/login/", "/nowhere/", "/robots.txt"):
        assert Client().get(path, **headers).status_code < 500
    for path in ("/language/setlang/", "/account/login/", "/cart/add/"):
        answer = Client().post(path, {"login": "a@b.cd", "password": "x", "language": "en", "sku": "x"}, **headers)
        assert answer.status_code < 500
        assert "evil.example" not in str(answer.headers)
