"""Who may see an order: the browser session that placed it. To everybody else it does not exist."""

from django.http import Http404, HttpRequest

from orders.models import Order

SESSION_KEY = "orders"
ORDERS_KEPT = 50


def grant(request: HttpRequest, order: Order) -> None:
    """Lets this session see the order from now on."""
    numbers = [number for number in request.session.get(SESSION_KEY, []) if number != order.number]
    request.session[SESSION_KEY] = [*numbers, order.number][-ORDERS_KEPT:]


def own_order(request: HttpRequest, number: str) -> Order:
    """The order, if this session may see it. Raises Http404 otherwise, whether or not it exists."""
    if number not in request.session.get(SESSION_KEY, []):
        raise Http404("no such order in this session")
    try:
        return Order.objects.prefetch_related("lines", "events", "payments").get(number=number)
    except Order.DoesNotExist:
        raise Http404("no such order") from None
