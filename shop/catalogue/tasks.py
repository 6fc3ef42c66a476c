"""What the stock does when an order or a parcel moves."""

from queue_table.tasks_api import task
from shop.catalogue import stock


@task(atomic=True)
def release_stock(*, order_number: str, **_: object) -> None:
    stock.release(order_number)


@task(atomic=True)
def ship_stock(*, order_number: str, **_: object) -> None:
    stock.ship(order_number)
