"""What comes after the sale: the order received, a return asked for, late money, the invoice."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from django.utils import timezone
from playwright.sync_api import Page

from orders.lifecycle import Actor, ReturnStatus
from orders.models import Order
from orders.paying import record_payment
from orders.quotations import expire_quote
from orders.returning import answer_return
from orders.services import expire_order
from tests.browser.visit import Visit
from tests.quotes import asked_quote, offered_quote
from tests.returns import approved, asked_for, counted, photo, received_order
from tests.shopping import holder_of, notice_for, run_queue


def _received(visit: Visit) -> Order:
    order = visit.receives_a_parcel()
    visit.client.post(f"/orders/{order.number}/received/")
    run_queue()
    return order


def _return(visit: Visit) -> str:
    return f"/orders/{_received(visit).number}/return/"


def _asked(visit: Visit) -> Order:
    order = _received(visit)
    fields = {f"line-{order.lines.get().pk}": 1, "reason": "broken", "words": "The handle is off."}
    visit.client.post(f"/orders/{order.number}/return/", fields)
    return order


def _answered(visit: Visit) -> str:
    order = _asked(visit)
    answer_return(order.returns.get(), ReturnStatus.APPROVED, Actor.STAFF, "To 1 Lamp Street, please.")
    return f"/orders/{order.number}/"


def _with_photos(visit: Visit) -> str:
    order = _received(visit)
    fields = {f"line-{order.lines.get().pk}": 1, "reason": "broken", "photos": [photo(), photo()]}
    visit.client.post(f"/orders/{order.number}/return/", fields)
    return f"/orders/{order.number}/"


def _paused(visit: Visit) -> str:
    order = visit.receives_a_parcel()
    asked_for(order, 1)
    run_queue()
    return f"/orders/{order.number}/"


def _counted(visit: Visit) -> str:
    order = _received(visit)
    counted(approved(order, 1), 1)
    return f"/orders/{order.number}/"


def _withdrawal(visit: Visit) -> str:
    return f"/orders/{_received(visit).number}/withdrawal/"


def _too_late(visit: Visit) -> str:
    with time_machine.travel(timezone.now() - timedelta(days=16), tick=False):
        order = received_order()
    visit.client.cookies.update(holder_of(order).cookies)
    return f"/orders/{order.number}/return/"


def _ask_for_a_quote(visit: Visit) -> str:
    visit.fills_the_cart()
    return "/quote/"


def _quote(order: Order, visit: Visit) -> str:
    visit.client.cookies.update(holder_of(order).cookies)
    return f"/orders/{order.number}/quote/"


def _quote_over(visit: Visit) -> str:
    order = offered_quote()
    expire_quote(order.pk, order.pay_by)
    return _quote(order, visit)


def _goes_on(page: Page) -> None:
    page.get_by_role("button", name="Go on").click()


def _opens_the_step_to_decline(page: Page) -> None:
    page.locator("summary", has_text="No, thank you").click()


def _sends_an_empty_question(page: Page) -> None:
    page.get_by_role("button", name="Send the question").click()


def _late_money(visit: Visit) -> str:
    order = visit.orders()
    expire_order(order.pk, order.pay_by)
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    return f"/orders/{order.number}/"


def _opens_the_step_to_cancel(page: Page) -> None:
    page.locator("#act-cancel summary").click()


def _asks_for_nothing(page: Page) -> None:
    page.locator("main input[type=number]").fill("0")
    page.get_by_label("What is the reason?").select_option("other")
    page.locator("main form button").click()


ORDER_STATES: dict[str, tuple[str, Callable[[Visit], str]]] = {
    "order about to be cancelled": ("aftersales/order.html", lambda visit: f"/orders/{visit.orders().number}/"),
    "order that money came for too late": ("aftersales/order.html", _late_money),
    "order that was received": ("aftersales/order.html", lambda visit: f"/orders/{_received(visit).number}/"),
    "order with a return": ("aftersales/order.html", lambda visit: f"/orders/{_asked(visit).number}/"),
    "order with a return that was answered": ("aftersales/order.html", _answered),
    "order with a return with photos": ("aftersales/order.html", _with_photos),
    "order whose receipt is paused": ("aftersales/order.html", _paused),
    "order whose return is back": ("aftersales/order.html", _counted),
    "withdrawal": ("aftersales/withdrawal.html", _withdrawal),
    "withdrawal to be confirmed": ("aftersales/withdrawal_confirm.html", _withdrawal),
    "return after its time": ("aftersales/return_over.html", _too_late),
    "question for a quote": ("quotes/ask.html", _ask_for_a_quote),
    "question for a quote, empty": ("quotes/ask.html", _ask_for_a_quote),
    "quote that was asked for": ("quotes/quote.html", lambda visit: _quote(asked_quote(), visit)),
    "quote about to be declined": ("quotes/quote.html", lambda visit: _quote(offered_quote(), visit)),
    "quote that is over": ("quotes/quote.html", _quote_over),
    "return": ("aftersales/return.html", _return),
    "return of nothing": ("aftersales/return.html", _return),
    "invoice": ("aftersales/invoice.html", lambda visit: f"/orders/{visit.receives_a_parcel().number}/invoice/"),
}
ORDER_PRESSED: dict[str, Callable[[Page], None]] = {
    "order about to be cancelled": _opens_the_step_to_cancel,
    "return of nothing": _asks_for_nothing,
    "withdrawal to be confirmed": _goes_on,
    "quote about to be declined": _opens_the_step_to_decline,
    "question for a quote, empty": _sends_an_empty_question,
}
