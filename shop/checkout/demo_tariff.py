"""Ways of delivery, taxes and vouchers to try the checkout with, as if staff had typed them."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from shop.checkout.models import ShippingMethod, ShippingRate, TaxRate, Voucher

METHODS: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    (
        {"code": "standard", "title": "Standard", "title_zh": "标准配送", "days_min": 3, "days_max": 5},
        [
            {"countries": ["GB"], "weight_up_to_g": 2000, "price": "2.95", "free_from": "40"},
            {"countries": ["GB"], "price": "5.95", "free_from": "80"},
            {"countries": ["DE", "FR", "IE"], "price": "7.95", "free_from": "80"},
            {"countries": [], "weight_up_to_g": 20000, "price": "14.95"},
        ],
    ),
    (
        {"code": "express", "title": "Express", "title_zh": "特快配送", "days_min": 1, "days_max": 2},
        [
            {"countries": ["GB"], "weight_up_to_g": 10000, "price": "6.95"},
            {"countries": ["DE", "FR", "IE", "CN"], "weight_up_to_g": 10000, "price": "19.95"},
        ],
    ),
    (
        {
            "code": "letter",
            "title": "Letter, without tracking",
            "title_zh": "平信（无物流跟踪）",
            "days_min": 4,
            "days_max": 7,
        },
        [
            {"countries": ["GB"], "weight_up_to_g": 100, "price": "1.65"},
            {"countries": [], "weight_up_to_g": 100, "price": "3.45"},
        ],
    ),
]
TAX_RATES = {
    "GB": {"standard": "20", "reduced": "5"},
    "DE": {"standard": "19", "reduced": "7"},
    "FR": {"standard": "20", "reduced": "5.5"},
    "CN": {"standard": "13", "reduced": "9"},
}
VOUCHERS: list[dict[str, Any]] = [
    {"code": "WELCOME5", "kind": "fixed", "amount": "5", "least_subtotal": "25", "limit_per_customer": 1},
    {"code": "LANTERN10", "kind": "percent", "percent": "10"},
    {"code": "FREESHIP", "kind": "free_shipping", "least_subtotal": "15", "limit_total": 100},
]


def is_empty() -> bool:
    """Staff have set nothing of this yet."""
    return not any(model.objects.exists() for model in (ShippingMethod, TaxRate, Voucher))


@transaction.atomic
def load() -> None:
    """Puts all of it there. What staff have set under the same code or country stays as it is."""
    for position, (about, rates) in enumerate(METHODS):
        method, created = ShippingMethod.objects.get_or_create(
            code=about["code"], defaults=about | {"position": position}
        )
        for rate in rates if created else []:
            ShippingRate.objects.create(method=method, **rate)
    for country, percents in TAX_RATES.items():
        for tax_class, percent in percents.items():
            TaxRate.objects.get_or_create(country=country, tax_class=tax_class, defaults={"percent": Decimal(percent)})
    for voucher in VOUCHERS:
        Voucher.objects.get_or_create(code=voucher["code"], defaults=voucher)
