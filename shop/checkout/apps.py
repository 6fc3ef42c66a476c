from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "shop.checkout"

    def ready(self) -> None:
        from shop.catalogue import edition
        from shop.checkout.models import ShippingMethod, ShippingRate

        edition.follow(ShippingMethod, ShippingRate)  # the pages promise delivery by them
