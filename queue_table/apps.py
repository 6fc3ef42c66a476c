from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QueueTableConfig(AppConfig):
    name = "queue_table"
    verbose_name = _("Order queue")

    def ready(self) -> None:
        from queue_table import checks  # noqa: F401 (importing registers the checks, which need the loaded apps)
