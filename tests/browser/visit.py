"""What a shopper has done before a page is opened."""

from dataclasses import dataclass, field

from django.test import Client

from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order
from orders.paying import record_payment
from shop.catalogue.models import Variant
from tests.factories import CategoryFactory, VariantFactory
from tests.shopping import checkout_fields, notice_for, run_queue


@dataclass
class Visit:
    """One shopper, before the browser opens the page with the cookies of `client`."""

    client: Client = field(default_factory=Client)

    def goods(self, count: int = 3) -> Variant:
        shelf = CategoryFactory(slug="toys", title="Toys", title_zh="玩具")
        return [VariantFactory(product__category=shelf, pieces=n * 3) for n in range(count)][-1]

    def fills_the_cart(self, quantity: int = 1) -> Variant:
        variant = self.goods()
        self.client.post("/cart/add/", {"sku": variant.sku, "quantity": quantity})
        return variant

    def orders(self) -> Order:
        self.fills_the_cart()
        self.client.post("/checkout/", checkout_fields(self.client))
        return Order.objects.get()

    def pays(self, outcome: PaymentStatus = PaymentStatus.PAID) -> Order:
        order = self.orders()
        record_payment(notice_for(order.payments.get(), outcome), Actor.PROVIDER)
        return order

    def receives_a_parcel(self) -> Order:
        order = self.pays()
        run_queue()
        return order
