"""The list of all pages that are to be found: an index, and parts of it that are read one at a time."""

from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from shop.catalogue.edition import current
from shop.catalogue.models import Product
from shop.catalogue.tree import Tree
from shop.findable.addresses import absolute


class ShopSitemap(Sitemap[Any]):
    """Every address at the shop's own, whichever host was asked."""

    limit = 2000  # a list may be 50,000 addresses long; one of this length is made in a moment

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.SHOP_URL.partition("://")[0]

    def get_domain(self, site: Any = None) -> str:
        return settings.SHOP_URL.partition("://")[2]


class Shelves(ShopSitemap):
    def items(self) -> list[str]:
        return [
            reverse("home"),
            *(shelf.get_absolute_url() for _, shelf in Tree.of_goods(current()).in_order()),
        ]

    def location(self, item: str) -> str:
        return item


class Products(ShopSitemap):
    def items(self) -> "QuerySet[Product, str]":
        return Product.objects.published().order_by("pk").values_list("slug", flat=True)

    def location(self, item: str) -> str:
        return reverse("product", args=[item])


SECTIONS: dict[str, type[ShopSitemap]] = {"shelves": Shelves, "products": Products}


def parts() -> list[str]:
    """The address of each part. Django's own index would name the host that was asked."""
    return [
        absolute(reverse("sitemap_part", args=[section])) + (f"?p={number}" if number > 1 else "")
        for section, of in SECTIONS.items()
        for number in of().paginator.page_range
    ]
