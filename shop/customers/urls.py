"""Addresses of the account. Those of log-in and its security are allauth's, under the same /account/."""

from django.urls import path

from shop.customers import address_views, views

urlpatterns = [
    path("", views.overview, name="account"),
    path("orders/", views.orders, name="account_orders"),
    path("profile/", views.profile, name="account_profile"),
    path("addresses/", address_views.address_book, name="account_addresses"),
    path("addresses/add/", address_views.add, name="account_address_add"),
    path("addresses/<int:pk>/", address_views.edit, name="account_address"),
    path("addresses/<int:pk>/remove/", address_views.remove, name="account_address_remove"),
    path("addresses/<int:pk>/default/", address_views.make_default, name="account_address_default"),
]
