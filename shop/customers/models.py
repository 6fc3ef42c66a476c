"""What the shop knows of a customer beside his log-in. His name and his e-mail stand in the user's own row."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.customers.querysets import AddressQuerySet


class Address(models.Model):
    """An address in a customer's book. The fields are those of an order's contact; an order keeps a copy of its own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses")
    name = models.CharField(_("full name"), max_length=120)
    address = models.CharField(_("street and house number"), max_length=300)
    city = models.CharField(_("town or city"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    is_default = models.BooleanField(_("default"), default=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("address"), _("addresses")
        ordering = ["-is_default", "pk"]

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.name, self.address, self.postcode, self.city, self.country]))


class Profile(models.Model):
    """What a customer likes. `language` is a code of LANGUAGES; empty if he never said."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    language = models.CharField(_("language"), max_length=10, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("profile"), _("profiles")

    def __str__(self) -> str:
        return str(self.user)
