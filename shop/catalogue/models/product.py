from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.category import Category
from shop.catalogue.models.wording import local
from shop.catalogue.querysets import ProductQuerySet


class TaxClass(models.TextChoices):
    """Which of a country's rates applies."""

    STANDARD = "standard", _("standard")
    REDUCED = "reduced", _("reduced")
    ZERO = "zero", _("zero")


class Product(models.Model):
    """What a page shows; what is sold is one of its variants.

    `price_from`, `price_to` and `regular_from`, above `price_from` where something is reduced, and
    `lowest_price_30_days` (null where unknown) sum up the variants: `shop.catalogue.card_prices` keeps them equal.
    """

    slug = models.SlugField(max_length=120, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", verbose_name=_("category"))
    title = models.CharField(_("title"), max_length=160)
    title_zh = models.CharField(_("title in Chinese"), max_length=160, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    published = models.BooleanField(
        _("published"), default=True, help_text=_("Otherwise it is not sold, and its page says so.")
    )
    tax_class = models.CharField(_("tax class"), max_length=10, choices=TaxClass, default=TaxClass.STANDARD)
    cover = models.ForeignKey(
        "catalogue.Picture", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("cover")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    price_from = models.DecimalField(max_digits=12, decimal_places=3, null=True, editable=False)
    price_to = models.DecimalField(max_digits=12, decimal_places=3, null=True, editable=False)
    regular_from = models.DecimalField(max_digits=12, decimal_places=3, null=True, editable=False)
    lowest_price_30_days = models.DecimalField(max_digits=12, decimal_places=3, null=True, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("product"), _("products")
        indexes = [
            models.Index(fields=["category", "title"], name="product_by_category"),
            models.Index(fields=["category", "id"], name="product_newest_of_category"),
            models.Index(fields=["category", "price_from"], name="product_by_price"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.slug])

    @property
    def local_title(self) -> str:
        return local(self, "title")

    @property
    def local_description(self) -> str:
        return local(self, "description")
