"""What a customer is told of his order by mail."""

from django.conf import settings
from django.urls import reverse

from orders.links import mint_link
from orders.models import Order
from queue_table import clock
from shop.aftersales.sums import sums
from shop.mails.outbox import send_later

NOBODY = ".invalid"  # RFC 2606: no such host will ever be; who replays old invoices writes such addresses


def tell(order_id: int, template: str, **more: object) -> None:
    """Writes the mail `template` with the order as it stands now and a new link to it, in the order's language.

    Should be called in the transaction of its job: then a mail is written once. The token lies in the mail alone.
    """
    order = Order.objects.prefetch_related("lines").get(pk=order_id)
    if order.email.endswith(NOBODY):
        return
    path = reverse("order_link", args=[mint_link(order, clock.now())])
    instructions = settings.PAYMENT_INSTRUCTIONS if settings.PAYMENT_GATEWAY == "manual" else ""
    context = {
        "order": order,
        "sums": sums(order),
        "link": f"{settings.SHOP_URL}{path}",
        "payment_instructions": instructions,
        **more,
    }
    send_later(
        template,
        to=order.email,
        context=context,
        language=order.language,
        order_id=order.pk,
        customer=order.customer,
    )
