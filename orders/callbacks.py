"""Where payment gateways call us. 200: taken (or taken before); 401: not theirs; 404: no such gateway or payment."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.exceptions import BadSignature, UnknownPayment
from orders.payments import GATEWAYS
from orders.services import accept_notice

LARGEST_BODY = 64 * 1024


@csrf_exempt
@require_POST
def payment_callback(request: HttpRequest, gateway_name: str) -> HttpResponse:
    """Takes a gateway's signed notice; the signature stands in for CSRF."""
    if gateway_name not in GATEWAYS:
        return HttpResponse(status=404)
    if _is_too_big(request):
        return HttpResponse(status=413)
    try:
        accept_notice(gateway_name, request.headers, request.body)
    except BadSignature:
        return HttpResponse(status=401)
    except UnknownPayment:
        return HttpResponse(status=404)
    return HttpResponse(status=200)


def _is_too_big(request: HttpRequest) -> bool:
    length = (request.headers.get("Content-Length") or "").lstrip("0")
    return length.isascii() and length.isdigit() and (len(length) > 9 or int(length) > LARGEST_BODY)
