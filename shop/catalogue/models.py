"""What the shop sells, and how many of each it has."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.catalogue.money import rounded
from shop.catalogue.querysets import ProductQuerySet


class Category(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(_("title"), max_length=80)
    title_zh = models.CharField(_("title in Chinese"), max_length=80, blank=True)
    tint = models.PositiveSmallIntegerField(
        _("tint"), default=1, help_text=_("1 to 6: the ground behind its pictures.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("category"), _("categories")
        ordering = ["position", "pk"]
        constraints = [models.CheckConstraint(condition=Q(tint__gte=1, tint__lte=6), name="category_tint_1_to_6")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])


class Product(models.Model):
    """What a page shows; what is sold is one of its variants."""

    slug = models.SlugField(max_length=120, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", verbose_name=_("category"))
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    picture = models.ImageField(_("picture"), upload_to="products/", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("product"), _("products")
        indexes = [models.Index(fields=["category", "title"], name="product_by_category")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.slug])


class Variant(models.Model):
    """One thing with a sku and a price. `title` tells it from its siblings; a lone variant needs none."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("sku"), max_length=40, unique=True)
    title = models.CharField(_("option"), max_length=80, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=3)

    class Meta:
        verbose_name, verbose_name_plural = _("variant"), _("variants")
        constraints = [models.CheckConstraint(condition=Q(price__gte=0), name="variant_price_not_negative")]

    def __str__(self) -> str:
        return self.full_title

    def clean(self) -> None:
        if self.price is not None and self.price != rounded(self.price, settings.SHOP_CURRENCY):
            raise ValidationError({"price": _("Nobody can pay this price: it has too many decimals.")})

    @property
    def full_title(self) -> str:
        return f"{self.product.title}, {self.title}" if self.title else self.product.title


class Stock(models.Model):
    """Pieces of one variant. Changed only by `shop.catalogue.stock`, which writes the movement beside it."""

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("stock")
        constraints = [models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="stock_never_oversold")]

    def __str__(self) -> str:
        return f"{self.available} of {self.on_hand}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockMovement(models.Model):
    """Append-only. `reference` names the cause (an order's number), so that one cause moves the stock once."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")  # on_hand + n
        RESERVED = "reserved", _("reserved")  # reserved + n
        RELEASED = "released", _("released")  # reserved - n
        SHIPPED = "shipped", _("shipped")  # on_hand - n, reserved - n
        ADJUSTED = "adjusted", _("adjusted")  # on_hand + n, n may be negative

    stock = models.ForeignKey(Stock, models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind)
    quantity = models.IntegerField()
    reference = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("stock movement"), _("stock movements")
        constraints = [models.UniqueConstraint(fields=["stock", "kind", "reference"], name="movement_once_per_cause")]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} ({self.reference})"
