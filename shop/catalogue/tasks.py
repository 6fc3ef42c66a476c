"""What the stock does when an order, a parcel or a refund moves."""

from queue_table.tasks_api import task
from shop.catalogue import stock


@task(atomic=True)
def release_stock(*, order_number: str, **_: object) -> None:
    """Of an order that expired: what it held first, and not what late money has held again since."""
    stock.release(order_number)


@task(atomic=True)
def release_all_stock(*, order_number: str, **_: object) -> None:
    """Of an order that was cancelled: whatever it holds."""
    stock.release(order_number)
    stock.release(stock.second_hold(order_number))


@task(atomic=True)
def ship_stock(*, order_number: str, **_: object) -> None:
    stock.ship(order_number)
    stock.ship(stock.second_hold(order_number))


@task(atomic=True)
def take_back_stock(*, refund_id: int, quantities: dict[str, int], **_: object) -> None:
    """Of a refund whose goods are sold again."""
    stock.take_back(quantities, f"refund/{refund_id}")
