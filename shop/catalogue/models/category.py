from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.wording import local
from shop.catalogue.querysets import ShownQuerySet


class Category(models.Model):
    """A shelf; those with a `parent` stand under it. `shop.catalogue.tree` reads the whole tree in one query."""

    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True, verbose_name=_("stands under")
    )
    slug = models.SlugField(unique=True)
    title = models.CharField(_("title"), max_length=80)
    title_zh = models.CharField(_("title in Chinese"), max_length=80, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    tint = models.PositiveSmallIntegerField(
        _("tint"), default=1, help_text=_("1 to 6: the ground behind its pictures.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ShownQuerySet["Category"].as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("category"), _("categories")
        ordering = ["position", "pk"]
        constraints = [models.CheckConstraint(condition=Q(tint__gte=1, tint__lte=6), name="category_tint_1_to_6")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])

    def clean(self) -> None:
        if self.pk and self.pk in self._ancestors():
            raise ValidationError({"parent": _("A category can't stand under itself or under one of its own.")})

    @property
    def local_title(self) -> str:
        return local(self, "title")

    @property
    def local_description(self) -> str:
        return local(self, "description")

    def _ancestors(self) -> list[int]:
        parents = dict(Category.objects.values_list("pk", "parent"))
        above: list[int] = []
        key = self.parent_id
        while key is not None and key not in above:
            above.append(key)
            key = parents.get(key)
        return above
