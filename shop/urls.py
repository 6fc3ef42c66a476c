"""Every address of the shop."""

from django.contrib import admin
from django.urls import include, path

from shop.customers.views import set_language
from shop.ops.views import metrics, readyz

handler500 = "shop.ops.errors.server_error"

urlpatterns = [
    path("", include("shop.catalogue.urls")),
    path("", include("shop.findable.urls")),
    path("cart/", include("shop.cart.urls")),
    path("", include("shop.checkout.urls")),
    path("", include("shop.quotes.urls")),
    path("", include("shop.aftersales.urls")),
    path("", include("orders.urls")),
    path("account/", include("shop.customers.urls")),
    path("account/", include("allauth.urls")),
    path("language/setlang/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("metrics", metrics, name="metrics"),
    path("readyz", readyz, name="readyz"),
]
