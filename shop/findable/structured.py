"""What the pages tell machines, in the words of schema.org."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.money import rounded
from shop.checkout.models import ShippingRate
from shop.checkout.promise import DeliveryPromise, promise
from shop.findable.addresses import absolute

CONTEXT = "https://schema.org"
Thing = dict[str, Any]
Pieces = Sequence[tuple[Variant, bool]]  # each with whether it is in stock
# Whatever stands in a title can't end the script element that it is written in.
UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def written(thing: Thing) -> str:
    """As JSON that a script element can hold."""
    return json.dumps(thing, ensure_ascii=False).translate(UNSAFE)


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


def sold(product: Product, variants: Pieces, rates: Sequence[ShippingRate] = ()) -> Thing:
    """A Product with its Offer, or a ProductGroup of several; `rates` of delivery are as `read_rates` gave them."""
    named: Thing = {"name": product.local_title, "url": absolute(product.get_absolute_url())}
    named |= {"description": product.local_description} if product.local_description else {}
    named |= {"image": [absolute(product.cover.largest_url)]} if product.cover else {}
    if len(variants) == 1:
        piece = _piece(*variants[0], product.get_absolute_url(), rates)
        return {"@context": CONTEXT, "@type": "Product"} | named | piece
    group = {"@type": "ProductGroup", "productGroupID": product.slug}
    return {"@context": CONTEXT} | group | named | {"hasVariant": [_member(product, *one, rates) for one in variants]}


def _member(product: Product, variant: Variant, in_stock: bool, rates: Sequence[ShippingRate]) -> Thing:
    title = f"{product.local_title}, {variant.local_title or variant.sku}"
    address = f"{product.get_absolute_url()}?option={variant.sku}"
    return {"@type": "Product", "name": title} | _piece(variant, in_stock, address, rates)


def _piece(variant: Variant, in_stock: bool, address: str, rates: Sequence[ShippingRate]) -> Thing:
    comes = shipping(promise(rates, weight_g=variant.weight_g, subtotal=variant.price))
    return {"sku": variant.sku, "offers": offer(variant, in_stock, address) | comes}


def offer(variant: Variant, in_stock: bool, address: str) -> Thing:
    """What one piece costs, whether it is there, and how it comes and may go back."""
    return {
        "@type": "Offer",
        "url": absolute(address),
        "availability": f"{CONTEXT}/{'InStock' if in_stock else 'OutOfStock'}",
        "itemCondition": f"{CONTEXT}/NewCondition",
        "hasMerchantReturnPolicy": return_policy(),
    } | _price(variant)


def shipping(promised: DeliveryPromise) -> Thing:
    """What delivery to the shop's own country costs and how long it takes; nothing where there is none."""
    if promised.price is None:
        return {}
    days = {"@type": "QuantitativeValue", "minValue": promised.days_min, "maxValue": promised.days_max}
    cost = {"value": str(rounded(promised.price, settings.SHOP_CURRENCY)), "currency": settings.SHOP_CURRENCY}
    details = {
        "@type": "OfferShippingDetails",
        "shippingRate": {"@type": "MonetaryAmount"} | cost,
        "shippingDestination": {"@type": "DefinedRegion", "addressCountry": settings.SHOP_COUNTRY},
        "deliveryTime": {"@type": "ShippingDeliveryTime", "transitTime": days | {"unitCode": "DAY"}},
    }
    return {"shippingDetails": details}


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
