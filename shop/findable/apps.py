from django.apps import AppConfig


class FindableConfig(AppConfig):
    name = "shop.findable"
