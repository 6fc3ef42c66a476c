"""The mails about quotes."""

from orders.models import Quotation
from queue_table.tasks_api import task
from shop.aftersales.mailing import tell


@task(atomic=True)
def mail_quote_asked(*, order_id: int, **_: object) -> None:
    tell(order_id, "quote_asked")


@task(atomic=True)
def mail_quote_offered(*, order_id: int, **_: object) -> None:
    tell(order_id, "quote_offered", quotation=Quotation.objects.get(order_id=order_id))


@task(atomic=True)
def mail_quote_declined(*, order_id: int, **_: object) -> None:
    tell(order_id, "quote_declined", quotation=Quotation.objects.get(order_id=order_id))
