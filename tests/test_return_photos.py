"""Photos of a return: made anew, capped, seen by nobody else, and forgotten in time."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from PIL import Image

from orders.models import Order, Return, ReturnPhoto
from orders.tasks import prune_return_photos
from shop.catalogue.pictures import encoding
from tests.returns import photo, received_order
from tests.shopping import holder_of

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def send(order: Order, *photos: Any) -> Any:
    fields = {f"line-{order.lines.get().pk}": 1, "reason": "broken", "photos": list(photos)}
    return holder_of(order).post(f"/orders/{order.number}/return/", fields)


def address(order: Order, one: ReturnPhoto) -> str:
    return f"/orders/{order.number}/return/photo/{one.pk}/"


def test_a_photo_is_made_anew_and_tells_nothing_of_place_or_camera() -> None:
    order = received_order()
    exif = Image.Exif()
    exif[0x010F] = "A camera with a number"
    assert send(order, photo((3000, 1500), exif=exif)).status_code == 302
    [kept] = ReturnPhoto.objects.all()
    content = bytes(kept.content)
    shown = Image.open(io.BytesIO(content))
    assert (shown.format, shown.size, (kept.width, kept.height)) == ("WEBP", (1280, 640), (1280, 640))
    assert b"camera" not in content
    assert not shown.getexif()


def test_who_may_see_the_order_sees_its_photos_and_nobody_else_does() -> None:
    order, other = received_order(), received_order()
    send(order, photo(), photo())
    one = ReturnPhoto.objects.first()
    assert one
    page = holder_of(order).get(f"/orders/{order.number}/").content.decode()
    assert page.count('alt="Your photo') == 2
    answer = holder_of(order).get(address(order, one))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert "no-store" in answer["Cache-Control"]
    for client in (Client(), holder_of(other)):
        assert client.get(address(order, one)).status_code == 404
    assert holder_of(other).get(address(other, one)).status_code == 404


@pytest.mark.parametrize(("permission", "seen"), [("view_return", 200), ("view_order", 403)])
def test_staff_see_a_photo_if_they_may_see_the_return(permission: str, seen: int) -> None:
    send(received_order(), photo())
    user = User.objects.create_user("sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=permission))
    client, one = Client(), ReturnPhoto.objects.get()
    client.force_login(user)
    assert client.get(f"/admin/orders/return/{one.parent_id}/photo/{one.pk}/").status_code == seen
    assert client.get(f"/admin/orders/return/{one.parent_id + 1}/photo/{one.pk}/").status_code in {404, 403}


def test_five_photos_are_one_too_many() -> None:
    answer = send(received_order(), *(photo((40, 30)) for _ in range(5)))
    assert "Please choose 4 photos at most." in answer.content.decode()
    assert not Return.objects.exists()


def test_what_is_no_picture_is_told_so_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    order = received_order()
    text = io.BytesIO(b"<svg onload=alert(1)>")
    text.name = "x.jpg"
    assert "no picture" in send(order, text).content.decode()
    monkeypatch.setattr(encoding, "MAX_PIXELS", 1000)
    assert "million pixels" in send(order, photo()).content.decode()
    monkeypatch.setattr(encoding, "MAX_BYTES", 1000)
    assert "is larger than" in send(order, photo()).content.decode()
    assert not Return.objects.exists()


def test_photos_are_forgotten_when_their_time_is_over() -> None:
    send(received_order(), photo((40, 30)))
    age = timedelta(days=settings.RETURN_PHOTO_DAYS)
    ReturnPhoto.objects.update(taken_in_at=timezone.now() - age + timedelta(minutes=5))
    prune_return_photos.call()
    assert ReturnPhoto.objects.exists()
    ReturnPhoto.objects.update(taken_in_at=timezone.now() - age - timedelta(minutes=5))
    prune_return_photos.call()
    assert not ReturnPhoto.objects.exists()
    assert Return.objects.exists()
