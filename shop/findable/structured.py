"""What the pages tell machines, in the words of schema.org."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.money import rounded
from shop.findable.addresses import absolute

CONTEXT = "https://schema.org"
Thing = dict[str, Any]


def organization() -> Thing:
    return {"@context": CONTEXT, "@type": "OnlineStore", "name": settings.SHOP_NAME, "url": absolute("/")}


def website() -> Thing:
    """With the shop's search, so that it can be asked from elsewhere."""
    find = {"@type": "EntryPoint", "urlTemplate": f"{absolute(reverse('search'))}?q={{words}}"}
    search = {"@type": "SearchAction", "target": find, "query-input": "required name=words"}
    site = {"@type": "WebSite", "name": settings.SHOP_NAME, "url": absolute("/"), "potentialAction": search}
    return {"@context": CONTEXT} | site


def breadcrumbs(path: Iterable[Category], product: Product | None = None) -> Thing:
    """From the root category down to the product, or to the last category."""
    steps = [(category.local_title, category.get_absolute_url()) for category in path]
    steps += [(product.local_title, product.get_absolute_url())] if product else []
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": absolute(address)}
        for number, (name, address) in enumerate(steps, 1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}


def sold(product: Product, variants: Sequence[Variant]) -> Thing:
    """A Product with its Offer, or a ProductGroup of several. `variants` know how many are `available`."""
    named: Thing = {"name": product.local_title, "url": absolute(product.get_absolute_url())}
    named |= {"description": product.local_description} if product.local_description else {}
    named |= {"image": [absolute(product.cover.largest_url)]} if product.cover else {}
    if len(variants) == 1:
        return {"@context": CONTEXT, "@type": "Product"} | named | _piece(variants[0], product.get_absolute_url())
    group = {"@type": "ProductGroup", "productGroupID": product.slug}
    return {"@context": CONTEXT} | group | named | {"hasVariant": [_member(product, one) for one in variants]}


def _member(product: Product, variant: Variant) -> Thing:
    title = f"{product.local_title}, {variant.local_title or variant.sku}"
    address = f"{product.get_absolute_url()}?option={variant.sku}"
    return {"@type": "Product", "name": title} | _piece(variant, address)


def _piece(variant: Variant, address: str) -> Thing:
    return {"sku": variant.sku, "offers": offer(variant, address)}


def offer(variant: Variant, address: str) -> Thing:
    """What one piece costs, whether it is there, and how it comes and may go back."""
    in_stock = variant.available > 0  # type: ignore[attr-defined]
    return {
        "@type": "Offer",
        "url": absolute(address),
        "availability": f"{CONTEXT}/{'InStock' if in_stock else 'OutOfStock'}",
        "itemCondition": f"{CONTEXT}/NewCondition",
        "hasMerchantReturnPolicy": return_policy(),
    } | _price(variant)


def _price(variant: Variant) -> Thing:
    now = _amount(variant.price)
    if variant.regular_price is None or variant.regular_price <= variant.price:
        return now
    before = {"@type": "UnitPriceSpecification", "priceType": f"{CONTEXT}/StrikethroughPrice"}
    return now | {"priceSpecification": before | _amount(variant.regular_price)}


def _amount(price: Decimal) -> Thing:
    currency = settings.SHOP_CURRENCY
    return {"price": str(rounded(price, currency)), "priceCurrency": currency}


def return_policy() -> Thing:
    return {
        "@type": "MerchantReturnPolicy",
        "returnPolicyCategory": f"{CONTEXT}/MerchantReturnFiniteReturnWindow",
        "merchantReturnDays": settings.RETURN_DAYS,
        "returnMethod": f"{CONTEXT}/ReturnByMail",
        "returnFees": f"{CONTEXT}/ReturnFeesCustomerResponsibility",
    }
