"""Addresses of an order's own pages, and of the ways back to them."""

from django.urls import path

from shop.aftersales import coming_back, invoices, returns, views, withdrawal

urlpatterns = [
    path("orders/find/", coming_back.order_find, name="order_find"),
    path("orders/link/<str:token>/", coming_back.order_link, name="order_link"),
    path("orders/<str:number>/", views.order_page, name="order"),
    path("orders/<str:number>/pay/", views.order_pay, name="order_pay"),
    path("orders/<str:number>/cancel/", views.order_cancel, name="order_cancel"),
    path("orders/<str:number>/received/", views.order_receive, name="order_receive"),
    path("orders/<str:number>/invoice/", invoices.order_invoice, name="order_invoice"),
    path("orders/<str:number>/invoice.pdf", invoices.order_invoice_pdf, name="order_invoice_pdf"),
    path("orders/<str:number>/return/", returns.order_return, name="order_return"),
    path("orders/<str:number>/return/<int:pk>/withdraw/", returns.order_return_withdraw, name="order_return_withdraw"),
    path("orders/<str:number>/return/<int:pk>/sent/", returns.order_return_sent, name="order_return_sent"),
    path("orders/<str:number>/return/photo/<int:pk>/", returns.order_return_photo, name="order_return_photo"),
    path("orders/<str:number>/withdrawal/", withdrawal.order_withdrawal, name="order_withdrawal"),
]
