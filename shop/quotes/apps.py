from django.apps import AppConfig


class QuotesConfig(AppConfig):
    name = "shop.quotes"
