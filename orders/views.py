"""The sandbox provider's hosted page: the place where the outside world of payment begins."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.forms import SandboxForm
from orders.lifecycle import PaymentStatus
from orders.models import Payment
from orders.payments.sandbox import Ending
from orders.tasks import tell_as_sandbox


@never_cache
@require_http_methods(["GET", "POST"])
def sandbox_payment(request: HttpRequest, reference: str) -> HttpResponse:
    """Shows what is to be paid; a button tells the shop, by the same signed callbacks that come over HTTP."""
    if settings.PAYMENT_GATEWAY != "sandbox":
        raise Http404("this shop takes real money")
    payments = Payment.objects.select_related("order").filter(gateway="sandbox")
    payment = get_object_or_404(payments, reference=reference)
    form = SandboxForm(request.POST or None)
    if form.is_valid():
        tell_as_sandbox(payment, form.cleaned_data["outcome"])
        return redirect(payment.return_url)
    closed = payment.status != PaymentStatus.PENDING
    context = {
        "payment": payment,
        "closed": closed,
        "endings": Ending.choices,
        "return_url": payment.return_url,
        "merchant": settings.SHOP_NAME,
    }
    return render(request, "orders/sandbox_payment.html", context)
