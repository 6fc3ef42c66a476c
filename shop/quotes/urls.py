"""Addresses of quotes."""

from django.urls import path

from shop.quotes import views

urlpatterns = [
    path("quote/", views.quote_ask, name="quote_ask"),
    path("orders/<str:number>/quote/", views.order_quote, name="order_quote"),
    path("orders/<str:number>/quote/take/", views.order_quote_take, name="order_quote_take"),
    path("orders/<str:number>/quote/decline/", views.order_quote_decline, name="order_quote_decline"),
]
