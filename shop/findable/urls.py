"""Addresses that search engines know."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path
from django.views.decorators.cache import cache_control

from shop.findable.sitemaps import SECTIONS
from shop.findable.views import ONE_HOUR, robots, sitemap_index

sitemap_part = cache_control(public=True, max_age=ONE_HOUR)(sitemap)

urlpatterns = [
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap_index, name="sitemap"),
    path("sitemap-<str:section>.xml", sitemap_part, {"sitemaps": SECTIONS}, name="sitemap_part"),
]
