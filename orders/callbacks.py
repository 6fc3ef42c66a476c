"""Where payment gateways call us. 200: kept (or kept before); 400: not to be read; 401: not theirs; 404: not open."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.exceptions import BadSignature, MalformedCallback
from orders.payments import GATEWAYS
from orders.tasks import take_callback

LARGEST_BODY = 64 * 1024


@csrf_exempt
@require_POST
def payment_callback(request: HttpRequest, gateway_name: str) -> HttpResponse:
    """Keeps a gateway's signed word and answers; a job applies it. The signature stands in for CSRF."""
    gateway = GATEWAYS.get(gateway_name)
    if gateway is None or not gateway.is_open():
        return HttpResponse(status=404)
    if _is_too_big(request):
        return HttpResponse(status=413)
    try:
        take_callback(gateway_name, request.headers, request.body)
    except BadSignature:
        return HttpResponse(status=401)
    except MalformedCallback:
        return HttpResponse(status=400)
    return HttpResponse(status=200)


def _is_too_big(request: HttpRequest) -> bool:
    length = (request.headers.get("Content-Length") or "").lstrip("0")
    return length.isascii() and length.isdigit() and (len(length) > 9 or int(length) > LARGEST_BODY)
