"""Addresses of the goods."""

from django.urls import path

from shop.catalogue import views
from shop.catalogue.pictures.serving import picture_file
from shop.catalogue.product_page import product

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<slug:slug>/", views.category, name="category"),
    path("p/<slug:slug>/", product, name="product"),
    path("search/", views.search, name="search"),
    path("media/<path:path>", picture_file, name="picture_file"),
]
