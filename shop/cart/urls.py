"""Addresses of the cart."""

from django.urls import path

from shop.cart import views

urlpatterns = [
    path("", views.cart, name="cart"),
    path("add/", views.add, name="cart_add"),
    path("set/", views.set_quantity, name="cart_set"),
    path("accept/", views.accept, name="cart_accept"),
]
