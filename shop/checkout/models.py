"""What the shop asks beside the goods' prices: delivery and tax; and what it lets off: vouchers."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from shop.catalogue.models import TaxClass
from shop.catalogue.models.wording import local

CODE = r"[A-Z0-9-]{3,40}"
PERCENT = _("A percentage is from 0 to 100.")


class ShippingMethod(models.Model):
    """A way to deliver. Days are working days. A shop without any row delivers free; see `shop.checkout.shipping`."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=80)
    title_zh = models.CharField(_("title in Chinese"), max_length=80, blank=True)
    days_min = models.PositiveSmallIntegerField(_("working days, at least"))
    days_max = models.PositiveSmallIntegerField(_("working days, at most"))
    tax_class = models.CharField(_("tax class"), max_length=10, choices=TaxClass, default=TaxClass.STANDARD)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("shipping method"), _("shipping methods")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days_min__lte=F("days_max")),
                name="shipping_days_in_order",
                violation_error_message=_("At most must not be less than at least."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def local_title(self) -> str:
        return local(self, "title")


class ShippingRate(models.Model):
    """What a method costs for these countries up to this weight; without countries, for all that no sibling names."""

    method = models.ForeignKey(ShippingMethod, models.CASCADE, related_name="rates", verbose_name=_("method"))
    countries = CountryField(
        _("countries"), multiple=True, blank=True, help_text=_("None: all that no other rate of the method names.")
    )
    weight_up_to_g = models.PositiveIntegerField(
        _("up to grams"), null=True, blank=True, help_text=_("Empty: any weight.")
    )
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=3)
    free_from = models.DecimalField(
        _("free from"), max_digits=12, decimal_places=3, null=True, blank=True, help_text=_("The goods' sum.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("shipping rate"), _("shipping rates")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gte=0),
                name="shipping_price_not_negative",
                violation_error_message=_("Nobody is paid for taking a parcel: 0 or more."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.method}: {self.price}"


class TaxRate(models.Model):
    """The tax on goods of one class that go to one country. No row: none."""

    country = CountryField(_("country"))
    tax_class = models.CharField(_("tax class"), max_length=10, choices=TaxClass, default=TaxClass.STANDARD)
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3)

    class Meta:
        verbose_name, verbose_name_plural = _("tax rate"), _("tax rates")
        constraints = [
            models.UniqueConstraint(fields=["country", "tax_class"], name="tax_rate_once_per_country_and_class"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100),
                name="tax_rate_is_a_percentage",
                violation_error_message=PERCENT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.tax_class}: {self.percent} %"


class Voucher(models.Model):
    """A code that lets something off. `used` is changed by `shop.checkout.vouchers` only."""

    class Kind(models.TextChoices):
        FIXED = "fixed", _("an amount off the goods")
        PERCENT = "percent", _("a percentage off the goods")
        FREE_SHIPPING = "free_shipping", _("free delivery")

    code = models.CharField(
        _("code"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(rf"\A{CODE}\Z", _("Three to forty capital letters, digits or hyphens."))],
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=3, default=Decimal(0))
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3, default=Decimal(0))
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    least_subtotal = models.DecimalField(
        _("the goods must cost"), max_digits=12, decimal_places=3, default=Decimal(0), help_text=_("At least.")
    )
    limit_total = models.PositiveIntegerField(_("orders in all"), null=True, blank=True, help_text=_("Empty: any."))
    limit_per_customer = models.PositiveIntegerField(
        _("orders per customer"), null=True, blank=True, help_text=_("Empty: any.")
    )
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("voucher"), _("vouchers")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, percent__gte=0, percent__lte=100, least_subtotal__gte=0),
                name="voucher_lets_off_what_can_be",
                violation_error_message=_("Sums are 0 or more, and a percentage is from 0 to 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.kind == self.Kind.FIXED and not self.amount:
            raise ValidationError({"amount": _("How much does it let off?")})
        if self.kind == self.Kind.PERCENT and not self.percent:
            raise ValidationError({"percent": _("How much does it let off?")})
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("It would end before it begins.")})


class VoucherUse(models.Model):
    """One order that used a voucher: the customer's `nth`. Gone when the order is cancelled or expires.

    `customer` is the reference of an account, or a guest's e-mail address in small letters; `email` is the order's
    address in small letters, whoever placed it.
    """

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="uses", verbose_name=_("voucher"))
    order_number = models.CharField(_("order"), max_length=16, unique=True)
    customer = models.CharField(_("customer"), max_length=254)
    email = models.CharField(_("e-mail"), max_length=254, blank=True, default="")
    nth = models.PositiveIntegerField(_("the customer's nth"))

    class Meta:
        verbose_name, verbose_name_plural = _("voucher use"), _("voucher uses")
        indexes = [models.Index(fields=["voucher", "email"], name="voucher_use_by_email")]
        constraints = [
            models.UniqueConstraint(fields=["voucher", "customer", "nth"], name="voucher_use_once_per_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.voucher}: {self.order_number}"
