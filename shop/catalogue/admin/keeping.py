"""What orders have moved is kept: a refusal in words for each variant, wherever staff would delete it."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from shop.catalogue import stock
from shop.catalogue.models import PricePoint, Product, Stock, Variant


def refusals(variants: QuerySet[Variant]) -> list[str]:
    """One for each variant that stays, with what to do instead. Belongs to the transaction that would delete them."""
    words = _(
        "“%(variant)s” (%(sku)s) can't be deleted: orders hold or have taken pieces of it, and its stock and price "
        "history would go with it. Keep the variant; to sell the product no more, take the tick off “published”."
    )
    kept = stock.moved_by_orders(variants).select_related("product").order_by("pk")
    return [words % {"variant": variant, "sku": variant.sku} for variant in kept]


class KeepingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Products go with their stock and prices, and not at all once an order has moved a piece of them."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        shown, counts, lacking, _protected = super().get_deleted_objects(objs, request)
        with transaction.atomic():
            kept = refusals(Variant.objects.filter(product__in=[product.pk for product in objs]))
        gone_with_it = {model._meta.verbose_name for model in (Stock, PricePoint)}  # nobody deletes these alone
        return shown, counts, lacking - gone_with_it, kept

    def response_action(self, request: HttpRequest, queryset: QuerySet[Product], *args: Any) -> HttpResponse | None:
        """One transaction, as the page that deletes one product is: no order comes between the look and the deed."""
        with transaction.atomic():
            return super().response_action(request, queryset, *args)
