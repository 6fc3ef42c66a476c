"""How pages and files travel: compressed, kept by whom they may be kept, and read without a write."""

import gzip
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.templatetags.static import static
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.catalogue.models import Product
from tests.factories import VariantFactory
from tests.shopping import shopper_with

ZIPPED = {"accept-encoding": "gzip"}
GOODS = ["home", "category", "product", "search"]


def address(kind: str, product: Product) -> str:
    return {
        "home": "/",
        "category": product.category.get_absolute_url(),
        "product": product.get_absolute_url(),
        "search": f"/search/?q={product.title}",
        "cart": "/cart/",
    }[kind]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [*GOODS, "cart"])
def test_a_page_is_compressed_for_those_who_can_read_it(client: Client, kind: str) -> None:
    path = address(kind, VariantFactory().product)
    answer = client.get(path, headers=ZIPPED)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "</html>" in gzip.decompress(answer.content).decode()
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    for one in (answer, plain):
        assert {"Accept-Encoding", "Accept-Language", "Cookie"} <= set(one.headers["Vary"].split(", "))


@pytest.mark.django_db
def test_the_length_of_a_compressed_page_tells_nothing_of_its_token(client: Client) -> None:
    path = VariantFactory().product.get_absolute_url()
    assert len({len(client.get(path, headers=ZIPPED).content) for _ in range(20)}) > 1


def test_a_picture_is_not_compressed_again(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "owl.webp").write_bytes(b"owl" * 1000)
    with closing(client.get("/media/owl.webp", headers=ZIPPED)) as answer:
        assert b"".join(answer.streaming_content) == b"owl" * 1000
        assert "Content-Encoding" not in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize("kind", GOODS)
def test_a_page_is_asked_for_again_each_time_and_kept_by_nobody_in_between(client: Client, kind: str) -> None:
    answer = client.get(address(kind, VariantFactory().product))
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/cart/", "/checkout/"])
def test_what_is_the_shoppers_own_is_not_kept_at_all(path: str) -> None:
    said = shopper_with({VariantFactory().sku: 1}).get(path).headers["Cache-Control"]
    assert {"private", "no-store"} <= set(said.split(", "))


def test_a_static_file_is_named_by_its_content_kept_for_ever_and_sent_compressed(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    compressed = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": compressed}}
    call_command("collectstatic", interactive=False, verbosity=0)
    named = static("shop/base.css")
    with closing(Client().get(named, headers=ZIPPED)) as answer:
        assert named != "/static/shop/base.css"
        assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [*GOODS, "cart"])
def test_who_merely_looks_leaves_no_session(client: Client, kind: str) -> None:
    """Its cookies are the forms' token and, after a product, what was looked at: the browser keeps that by itself."""
    answer = client.get(address(kind, VariantFactory().product))
    assert set(answer.cookies) <= {"csrftoken", "seen"}
    assert not Session.objects.exists()


@pytest.mark.databases
@pytest.mark.django_db
@pytest.mark.parametrize("kind", [*GOODS, "cart"])
def test_looking_only_reads(kind: str) -> None:
    variant = VariantFactory()
    shopper = shopper_with({variant.sku: 1})
    shopper.get("/cart/")
    with CaptureQueriesContext(connection) as asked:
        assert shopper.get(address(kind, variant.product)).status_code == 200
    assert {statement["sql"].split()[0] for statement in asked} == {"SELECT"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere rows are locked, not the file")
@pytest.mark.parametrize("kind", [*GOODS, "cart"])
def test_on_sqlite_a_reader_does_not_wait_for_a_writer(kind: str) -> None:
    """Somebody else has written and not yet committed. A page that waited would fail after SQLITE_BUSY_SECONDS."""
    variant = VariantFactory()
    shopper, writer = shopper_with({variant.sku: 1}), connection.copy()
    with closing(writer), writer.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("UPDATE catalogue_product SET title = 'not yet committed'")
        answer = shopper.get(address(kind, variant.product))
        cursor.execute("ROLLBACK")
    assert answer.status_code == 200
    assert variant.product.title in answer.content.decode()
