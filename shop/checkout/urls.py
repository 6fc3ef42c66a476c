"""The checkout's address."""

from django.urls import path

from shop.checkout import views

urlpatterns = [path("checkout/", views.checkout, name="checkout")]
