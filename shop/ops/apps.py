from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "shop.ops"

    def ready(self) -> None:
        from shop.ops import checks  # noqa: F401 (importing registers the checks, which need the loaded apps)
