"""What comes after the sale: the order received, a return asked for, late money, the invoice."""

from collections.abc import Callable

from playwright.sync_api import Page

from orders.lifecycle import Actor, ReturnStatus
from orders.models import Order
from orders.paying import record_payment
from orders.returning import answer_return
from orders.services import expire_order
from tests.browser.visit import Visit
from tests.shopping import notice_for, run_queue


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
    "return": ("aftersales/return.html", _return),
    "return of nothing": ("aftersales/return.html", _return),
    "invoice": ("aftersales/invoice.html", lambda visit: f"/orders/{visit.receives_a_parcel().number}/invoice/"),
}
ORDER_PRESSED: dict[str, Callable[[Page], None]] = {
    "order about to be cancelled": _opens_the_step_to_cancel,
    "return of nothing": _asks_for_nothing,
}
