from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.product import Product
from shop.catalogue.models.wording import local
from shop.catalogue.pictures.widths import widths_up_to
from shop.catalogue.querysets import ShownQuerySet


class Picture(models.Model):
    """A picture of a product, kept as WebP files of several widths; `file` names them all, without width and suffix.

    `width` and `height` are those of the largest file. A `transparent` one lies on its ground, any other covers it.
    Written only by `shop.catalogue.pictures`.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="pictures", verbose_name=_("product"))
    file = models.CharField(max_length=80, editable=False)
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)
    transparent = models.BooleanField(default=False, editable=False)
    alt = models.CharField(
        _("what it shows"), max_length=160, blank=True, help_text=_("Read out to people who can't see it.")
    )
    alt_zh = models.CharField(_("what it shows, in Chinese"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ShownQuerySet["Picture"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("picture"), _("pictures")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt or f"#{self.position}"

    @property
    def local_alt(self) -> str:
        return local(self, "alt")

    @property
    def widths(self) -> list[int]:
        """Of each file, smallest first."""
        return widths_up_to(self.width)

    def url(self, width: int) -> str:
        """Where the file of this width lies; `width` is one of `widths`."""
        return default_storage.url(f"{self.file}-{width}.webp")

    @property
    def largest_url(self) -> str:
        return self.url(self.width)
