"""What search engines ask for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from shop.findable import sitemaps
from shop.findable.addresses import absolute

ONE_HOUR = 60 * 60
# What needs a person of its own, or would be endless. What is neither kept out here nor to be found says noindex.
KEPT_OUT = ["/account/", "/orders/", "/search/"]


@require_safe
@cache_control(public=True, max_age=ONE_HOUR)
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in KEPT_OUT), f"Sitemap: {absolute('/sitemap.xml')}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=ONE_HOUR)
def sitemap_index(request: HttpRequest) -> HttpResponse:
    parts = [{"location": address} for address in sitemaps.parts()]
    return render(request, "sitemap_index.xml", {"sitemaps": parts}, content_type="application/xml")
