from django.apps import AppConfig
from django.core.signals import request_started
from django.utils.translation import gettext_lazy as _


class OpsConfig(AppConfig):
    name = "shop.ops"
    verbose_name = _("The shop's health")

    def ready(self) -> None:
        from shop.ops import checks  # noqa: F401 (importing registers the checks, which need the loaded apps)
        from shop.ops.liveness import ask_once_a_second

        request_started.connect(ask_once_a_second)
