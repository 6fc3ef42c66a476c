from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpsConfig(AppConfig):
    name = "shop.ops"
    verbose_name = _("The shop's health")

    def ready(self) -> None:
        from shop.ops import checks  # noqa: F401 (importing registers the checks, which need the loaded apps)
