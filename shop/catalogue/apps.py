from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "shop.catalogue"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from shop.catalogue import edition, models

        edition.follow(models.Category, models.Product, models.Variant, models.Picture)
        edition.follow(models.Option, models.OptionValue, models.SearchEntry, models.Spelling)
        edition.follow_links(models.Variant.values.through)
