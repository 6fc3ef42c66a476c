"""Quotes: asked for, priced, taken once and as they were seen, or over."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order, Quotation
from orders.paying import record_payment
from orders.quotations import decline_quote, expire_quote
from orders.tasks import enqueue_quotes_over
from queue_table import clock
from queue_table.testing import run_due_jobs
from shop.catalogue.exceptions import OutOfStock
from shop.catalogue.models import Stock, StockMovement, Variant
from shop.checkout.models import TaxRate
from shop.quotes.quoting import take
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.quotes import asked_quote, make_offer, offered_quote
from tests.shopping import new_key, notice_for, placed_order, sent, status, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def reserved(variant: Variant) -> int:
    return Stock.objects.get(pk=variant.pk).reserved


def taken(order: Order, revision: int = 1) -> None:
    take(order, revision, clock.now())


def test_a_question_holds_nothing_and_awaits_no_money() -> None:
    variant = VariantFactory()
    order = asked_quote(variant, 3)
    assert (status(order), written(order)) == ("draft", ["quote_asked"])
    assert reserved(variant) == 0
    assert not order.payments.exists()
    run_due_jobs()
    assert [message.subject for message in mail.outbox] == [f"Your question {order.number}"]


def test_the_same_key_is_the_same_question() -> None:
    key, variant = new_key(), VariantFactory()
    assert asked_quote(variant, key=key) == asked_quote(variant, key=key)
    assert Quotation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_asks_once() -> None:
    for _ in range(5):
        variant = VariantFactory()
        key = new_key()
        asked = at_once(*[partial(asked_quote, variant, key=key) for _ in range(3)])
        assert len({getattr(order, "pk", order) for order in asked}) == 1


def test_what_is_offered_is_what_is_charged() -> None:
    TaxRate.objects.create(country="GB", tax_class="standard", percent=20)
    variant = VariantFactory()
    order = offered_quote(variant, 3, price="2.00", shipping="4.00")
    assert (order.subtotal, order.shipping, order.total, order.tax) == (6, 4, 10, Decimal("1.67"))
    assert order.lines.get().unit_price == 2
    mail.outbox.clear()
    run_due_jobs()
    offered = mail.outbox[-1]
    assert offered.subject == f"Your quote {order.number}"
    assert "£10.00" in str(offered.body)
    assert "Gladly." in str(offered.body)
    taken(order)
    payment = order.payments.get()
    assert (payment.amount, payment.currency, status(order)) == (10, "GBP", "pending")
    assert reserved(variant) == 3
    record_payment(notice_for(payment, PaymentStatus.PAID), Actor.PROVIDER)
    run_due_jobs()
    assert status(order) == "confirmed"
    assert written(order) == [
        "quote_asked",
        "quote_offered",
        "placed",
        "payment_started",
        "paid",
        "dispatched",
    ]
    assert (order.note, order.language) == ("With a ribbon, please.", "en")


def test_a_quote_that_costs_nothing_is_confirmed_at_once() -> None:
    order = offered_quote(price="0", shipping="0")
    taken(order)
    assert status(order) == "confirmed"


def test_an_offer_that_does_not_add_up_is_refused_by_the_database() -> None:
    order = offered_quote()
    with pytest.raises(IntegrityError):
        Order.objects.filter(pk=order.pk).update(total=1)


def test_a_newer_offer_takes_the_place_of_the_one_that_was_seen() -> None:
    order = offered_quote(price="2.00")
    make_offer(order, price="1.00")
    with pytest.raises(IllegalMove):
        taken(order, 1)
    assert status(order) == "draft"
    taken(order, 2)
    assert order.payments.get().amount == 7


def test_what_nobody_has_offered_can_not_be_taken() -> None:
    order = asked_quote()
    for revision in (0, 1, -1):
        with pytest.raises(IllegalMove):
            taken(order, revision)
    assert status(order) == "draft"


def test_a_quote_whose_goods_are_gone_stands_and_nothing_is_written() -> None:
    variant = VariantFactory(pieces=3)
    order = offered_quote(variant, 3)
    placed_order(variant=variant, quantity=1)
    with pytest.raises(OutOfStock):
        taken(order)
    assert (status(order), written(order)[-1], reserved(variant)) == ("draft", "quote_offered", 1)
    assert not order.payments.exists()
    assert not sent("order.placed", order_id=order.pk)


def test_a_quote_is_over_at_its_moment_even_if_no_clock_has_come_by() -> None:
    order = offered_quote()
    with pytest.raises(IllegalMove):
        take(order, 1, order.pay_by)
    take(order, 1, order.pay_by - timedelta(microseconds=1))


def test_a_quote_that_nobody_took_expires_by_itself_and_holds_nothing() -> None:
    variant = VariantFactory()
    order = offered_quote(variant)
    assert enqueue_quotes_over(order.pay_by - timedelta(seconds=1)) == 0
    assert enqueue_quotes_over(order.pay_by) == 1
    run_due_jobs()
    assert (status(order), written(order)[-1]) == ("expired", "quote_expired")
    assert not StockMovement.objects.filter(reference=order.number).exists()
    assert not order.payments.exists()


def test_a_question_that_nobody_answers_ends_too() -> None:
    order = asked_quote()
    assert enqueue_quotes_over(timezone.now() + timedelta(days=31)) == 1
    run_due_jobs()
    assert (status(order), written(order)) == ("expired", ["quote_asked", "quote_expired"])


def test_a_declined_quote_can_be_neither_taken_nor_offered() -> None:
    order = offered_quote()
    decline_quote(order.pk, Actor.CUSTOMER)
    assert (status(order), written(order)[-1]) == ("cancelled", "quote_declined")
    assert not sent("quote.declined")
    with pytest.raises(IllegalMove):
        taken(order)
    with pytest.raises(IllegalMove):
        make_offer(order)
    with pytest.raises(IllegalMove):
        decline_quote(order.pk, Actor.STAFF, "no")


def test_staff_say_no_with_words() -> None:
    order = asked_quote()
    mail.outbox.clear()
    decline_quote(order.pk, Actor.STAFF, "We can not write on glass.")
    run_due_jobs()
    assert "We can not write on glass." in str(mail.outbox[-1].body)


def test_the_mails_speak_the_customer_s_language() -> None:
    order = asked_quote()
    Order.objects.filter(pk=order.pk).update(language="zh-hans")
    make_offer(order)
    assert order.language == "zh-hans"


@pytest.mark.django_db(transaction=True)
def test_taken_twice_at_once_is_one_order_with_its_stock_held_once() -> None:
    for _ in range(5):
        variant = VariantFactory()
        order = offered_quote(variant, 3)
        answers = at_once(*[partial(take, order, 1, clock.now()) for _ in range(3)])
        assert answers == [None, None, None]
        assert (status(order), reserved(variant), order.payments.count()) == ("pending", 3, 1)
        assert written(order).count("placed") == 1
        assert sent("order.placed", order_id=order.pk) == 1


@pytest.mark.django_db(transaction=True)
def test_of_taking_and_expiry_at_once_one_wins() -> None:
    for _ in range(10):
        variant = VariantFactory()
        order = offered_quote(variant, 3)
        moment = order.pay_by
        at_once(partial(take, order, 1, moment - timedelta(seconds=1)), partial(expire_quote, order.pk, moment))
        held = {"pending": 3, "expired": 0}[status(order)]
        assert reserved(variant) == held
        last = {"pending": ["placed", "payment_started"], "expired": ["quote_expired"]}[status(order)]
        assert written(order)[2:] == last


@pytest.mark.django_db(transaction=True)
def test_of_taking_and_a_new_offer_at_once_the_customer_pays_what_he_saw_or_nothing() -> None:
    for _ in range(5):
        order = offered_quote(price="2.00", shipping="0")
        at_once(partial(taken, order, 1), partial(make_offer, order, price="9.00", shipping="0"))
        if status(order) == "pending":
            assert order.payments.get().amount == 6
            assert Order.objects.get(pk=order.pk).total == 6
        else:
            assert not order.payments.exists()


@pytest.mark.django_db(transaction=True)
def test_two_quotes_for_the_last_pieces_at_once_never_oversell() -> None:
    for _ in range(5):
        variant = VariantFactory(pieces=4)
        orders = [offered_quote(variant, 3) for _ in range(2)]
        answers = at_once(*(partial(taken, order) for order in orders))
        assert sorted(type(answer) for answer in answers if answer) == [OutOfStock]
        assert sorted(status(order) for order in orders) == ["draft", "pending"]
        assert reserved(variant) == 3
