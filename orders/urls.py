"""Addresses of the payment world: the sandbox provider's page, and where gateways call back."""

from django.urls import path

from orders.callbacks import payment_callback
from orders.views import sandbox_payment

urlpatterns = [
    path("sandbox-pay/<slug:reference>/", sandbox_payment, name="sandbox_payment"),
    path("callbacks/payments/<slug:gateway_name>/", payment_callback, name="payment_callback"),
]
