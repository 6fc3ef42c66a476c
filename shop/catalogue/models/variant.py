from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.option import OptionValue
from shop.catalogue.models.picture import Picture
from shop.catalogue.models.product import Product
from shop.catalogue.models.wording import local
from shop.catalogue.money import rounded
from shop.catalogue.querysets import ShownQuerySet

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class Variant(models.Model):
    """One thing with a sku and a price. `title` tells it from its siblings; a lone variant needs none.

    The prices are changed by `shop.catalogue.pricing` alone, which keeps their history and `lowest_price_30_days`:
    the lowest price of the 30 days before the present reduction began, null where nothing is reduced or known.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("sku"), max_length=40, unique=True)
    title = models.CharField(_("name"), max_length=80, blank=True)
    title_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    values = models.ManyToManyField(OptionValue, related_name="variants", blank=True, verbose_name=_("options"))
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=3)
    regular_price = models.DecimalField(_("regular price"), max_digits=12, decimal_places=3, null=True, blank=True)
    lowest_price_30_days = models.DecimalField(max_digits=12, decimal_places=3, null=True, editable=False)
    weight_g = models.PositiveIntegerField(_("weight in grams"), default=0)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    picture = models.ForeignKey(
        Picture, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("picture")
    )

    objects = ShownQuerySet["Variant"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("variant"), _("variants")
        indexes = [models.Index(fields=["regular_price"], name="variant_by_regular_price")]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="variant_price_not_negative"),
            models.CheckConstraint(
                condition=Q(regular_price__isnull=True) | Q(regular_price__gte=F("price")),
                name="variant_regular_price_not_below_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.title}" if self.title else str(self.product)

    def clean(self) -> None:
        problems = {name: _problem(getattr(self, name)) for name in ("price", "regular_price")}
        if self.price is not None and self.regular_price is not None and self.regular_price < self.price:
            problems["regular_price"] = _("The regular price is never below the price that is asked.")
        if any(problems.values()):
            raise ValidationError({name: problem for name, problem in problems.items() if problem})

    @property
    def local_title(self) -> str:
        return local(self, "title")

    @property
    def full_title(self) -> str:
        """With the product's title, in the active language."""
        own = self.local_title
        return f"{self.product.local_title}, {own}" if own else self.product.local_title

    @property
    def on_sale(self) -> bool:
        return self.regular_price is not None and self.price < self.regular_price


def _problem(amount: Decimal | None) -> "StrOrPromise":
    if amount is None:
        return ""
    if amount < 0:
        return _("Nobody can pay a negative price.")
    too_fine = amount != rounded(amount, settings.SHOP_CURRENCY)
    return _("Nobody can pay this price: it has too many decimals.") if too_fine else ""
