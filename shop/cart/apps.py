from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class CartConfig(AppConfig):
    name = "shop.cart"

    def ready(self) -> None:
        from shop.cart.merging import bring_guest_cart  # needs the loaded apps

        user_logged_in.connect(bring_guest_cart, dispatch_uid="cart")
