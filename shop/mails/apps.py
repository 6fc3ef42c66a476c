from django.apps import AppConfig


class MailsConfig(AppConfig):
    name = "shop.mails"
