"""What is always true of the whole shop: each box's own invariants, and those between the boxes.

Only here are several boxes seen at once.
"""

from delivery import invariants as parcels
from orders import invariants as orders
from queue_table import invariants as queue
from shop.catalogue import invariants as catalogue
from shop.checkout import invariants as checkout
from shop.ops.invariants import between

INVARIANTS = [
    *orders.INVARIANTS,
    *catalogue.INVARIANTS,
    *checkout.INVARIANTS,
    *parcels.INVARIANTS,
    *between.INVARIANTS,
    *queue.INVARIANTS,
]
