"""For order_shop_peer: `python -m tests.benchmarks.peer.order_shop_audit [SKU ...]`.

Prints as JSON how many orders there are, and of each sku the pieces in stock, promised and ordered.
"""

import json
import sys
from collections.abc import Sequence

import django
from django.db.models import Sum


def audit(skus: Sequence[str]) -> dict[str, object]:
    from orders.models import Order, OrderLine
    from shop.catalogue.models import Stock

    stock = Stock.objects.filter(variant__sku__in=skus).values_list("variant__sku", "on_hand", "reserved")
    ordered = OrderLine.objects.filter(sku__in=skus).values_list("sku").annotate(pieces=Sum("quantity")).order_by()
    pieces = dict(ordered)
    items = {sku: [on_hand, reserved, pieces.get(sku, 0)] for sku, on_hand, reserved in stock}
    return {"orders": Order.objects.count(), "items": items}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(audit(sys.argv[1:])))
