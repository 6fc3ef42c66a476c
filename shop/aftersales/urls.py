"""Addresses of an order's own pages."""

from django.urls import path

from shop.aftersales import views

urlpatterns = [
    path("orders/<str:number>/", views.order_page, name="order"),
    path("orders/<str:number>/pay/", views.order_pay, name="order_pay"),
    path("orders/<str:number>/cancel/", views.order_cancel, name="order_cancel"),
    path("orders/<str:number>/received/", views.order_receive, name="order_receive"),
]
