"""Who may see an order: the browser session that placed it, and its customer. To everybody else it does not exist."""

from django.http import Http404, HttpRequest

from orders.models import Order
from shop.customers.identity import reference

SESSION_KEY = "orders"
ORDERS_KEPT = 50


def grant(request: HttpRequest, order: Order) -> None:
    """Lets this session see the order from now on."""
    numbers = [number for number in request.session.get(SESSION_KEY, []) if number != order.number]
    request.session[SESSION_KEY] = [*numbers, order.number][-ORDERS_KEPT:]


def own_order(request: HttpRequest, number: str) -> Order:
    """The order, if this session or its customer may see it. Raises Http404 otherwise, whether or not it exists."""
    order = Order.objects.prefetch_related("lines", "events", "payments").filter(number=number).first()
    if order is None or not (_is_granted(request, order) or _is_his(request, order)):
        raise Http404("no such order for this person")
    return order


def _is_granted(request: HttpRequest, order: Order) -> bool:
    return order.number in request.session.get(SESSION_KEY, [])


def _is_his(request: HttpRequest, order: Order) -> bool:
    """A guest's order is nobody's: all guests share one reference."""
    return request.user.is_authenticated and order.customer == reference(request.user)
