"""What a shopper is told when something is wrong, on either side."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import OperationalError
from django.test import Client

from tests.factories import VariantFactory

SCRIPT = """
import json, django; django.setup()
from django.core.management import call_command
from django.test import Client
call_command("collectstatic", interactive=False, verbosity=0)
client = Client(raise_request_exception=False, headers={"accept-language": "LANGUAGE"})
client.cookies["sessionid"] = "a" * 32
asked = [client.get(path) for path in ("/", "/cart/", "/nowhere/", "/search/?q=tea", "/p/tea/")]
asked.append(client.post("/checkout/", {"name": "Ada"}))
told = [(answer.status_code, answer.get("Retry-After"), answer.content.decode()) for answer in asked]
print(json.dumps(told))
"""
UNREACHABLE = {
    "postgres": "postgres://nobody@127.0.0.1:1/none",
    "mariadb": "mariadb://nobody@127.0.0.1:1/none",
}


def answers_without(url: str, tmp_path: Path, language: str = "en") -> Any:
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "shop.settings"}
    environment |= {"DATA_DIR": str(tmp_path), "ALLOWED_HOSTS": "testserver"}
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT.replace("LANGUAGE", language)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("database", UNREACHABLE)
def test_while_the_database_is_away_every_page_says_come_back_in_a_moment(database: str, tmp_path: Path) -> None:
    for status, retry_after, page in answers_without(UNREACHABLE[database], tmp_path):
        assert (status, retry_after) == (503, "30")
        assert "We are back in a moment" in page
        assert "noindex" in page


def test_a_database_file_that_cannot_be_opened_is_one_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    told = answers_without(f"sqlite:///{tmp_path}/folder", tmp_path)
    assert {status for status, _, _ in told} == {503}


@pytest.mark.django_db
def test_developers_get_a_mail_for_what_broke_and_none_for_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ADMINS = [("developers", "dev@example.org")]
    client = Client(raise_request_exception=False)
    for error, status, mails in ((OperationalError("gone away"), 503, 0), (ZeroDivisionError(), 500, 1)):
        monkeypatch.setattr("shop.catalogue.showcase.shelves", _raising(error))
        assert client.get("/").status_code == status
        assert len(mail.outbox) == mails


def _raising(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


@pytest.mark.django_db
def test_even_a_broken_error_page_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.catalogue.showcase.shelves", _raising(ZeroDivisionError()))
    monkeypatch.setattr("django.template.loader.get_template", _raising(ValueError("no manifest")))
    answer = Client(raise_request_exception=False).get("/")
    assert (answer.status_code, answer.content[:15]) == (500, b"<!doctype html>")


@pytest.mark.django_db
def test_a_page_that_broke_speaks_the_shoppers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.catalogue.showcase.shelves", _raising(ZeroDivisionError()))
    page = Client(raise_request_exception=False, headers={"accept-language": "zh-CN"}).get("/").content.decode()
    assert '<html lang="zh-Hans">' in page


@pytest.mark.django_db
def test_a_form_from_an_old_page_is_refused_with_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
    assert answer.status_code == 403
    assert "nothing was ordered or paid" in answer.content.decode()


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_offers_the_goods() -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "See the goods" in answer.content.decode()
