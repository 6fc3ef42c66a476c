from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.wording import local
from shop.catalogue.querysets import ShownQuerySet

# A listing's address names options by their slug, beside these words of its own.
TAKEN_SLUGS = frozenset("q sort price_from price_to in_stock page option picture".split())


class Option(models.Model):
    """What tells variants apart, shop-wide, so that a filter reaches all products: a colour, a size."""

    name = models.CharField(_("name"), max_length=40)
    name_zh = models.CharField(_("name in Chinese"), max_length=40, blank=True)
    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ShownQuerySet["Option"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("option"), _("options")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.slug in TAKEN_SLUGS:
            raise ValidationError({"slug": _("The shop's own pages use this word. Please choose another.")})

    @property
    def local_name(self) -> str:
        return local(self, "name")


class OptionValue(models.Model):
    """One answer to an option: red, large."""

    option = models.ForeignKey(Option, models.CASCADE, related_name="values", verbose_name=_("option"))
    name = models.CharField(_("name"), max_length=40)
    name_zh = models.CharField(_("name in Chinese"), max_length=40, blank=True)
    slug = models.SlugField()
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ShownQuerySet["OptionValue"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("option value"), _("option values")
        ordering = ["option__position", "option", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["option", "slug"], name="option_value_slug_once")]

    def __str__(self) -> str:
        return f"{self.option.name}: {self.name}"

    @property
    def local_name(self) -> str:
        return local(self, "name")
