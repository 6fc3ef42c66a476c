import hashlib
import json
from datetime import UTC
from itertools import groupby
from operator import itemgetter

from django.db import migrations, models

ORDERS_AT_ONCE = 500
COLUMNS = ("order_id", "pk", "kind", "from_status", "to_status", "actor", "note", "at")


def chain_old_rows(apps, schema_editor):
    """Gives each row its place and its hash, order by order, as orders/chaining.py did when this was written."""
    orders, events = (apps.get_model("orders", name).objects for name in ("Order", "OrderEvent"))
    last = 0
    while keys := list(orders.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:ORDERS_AT_ONCE]):
        rows = events.filter(order_id__gt=last, order_id__lte=keys[-1]).order_by("order_id", "pk")
        chained, heads = [], []
        for order_id, own in groupby(rows.values_list(*COLUMNS), key=itemgetter(0)):
            before = ""
            for position, (_, pk, kind, source, target, actor, note, at) in enumerate(own, 1):
                moment = at.astimezone(UTC).isoformat(timespec="microseconds")
                values = [order_id, position, kind, "", source, target, actor, None, note, "", moment]
                text = json.dumps(["order-event/1", before, *values], separators=(",", ":"))
                before = hashlib.sha256(text.encode()).hexdigest()
                chained.append((position, before, pk))
            heads.append((position, before, order_id))
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany("UPDATE orders_orderevent SET position = %s, hash = %s WHERE id = %s", chained)
            cursor.executemany("UPDATE orders_order SET log_length = %s, log_hash = %s WHERE id = %s", heads)
        last = keys[-1]


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0005_shipping_tax_rate'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='log_hash',
            field=models.CharField(blank=True, editable=False, max_length=64, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='order',
            name='log_length',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='orderevent',
            name='position',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='place in the log'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='orderevent',
            name='hash',
            field=models.CharField(default='', editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='orderevent',
            name='subject',
            field=models.CharField(blank=True, max_length=32, verbose_name='of', default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='orderevent',
            name='staff_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='staff user'),
        ),
        migrations.AddField(
            model_name='orderevent',
            name='address',
            field=models.CharField(blank=True, max_length=45, verbose_name='IP address', default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='orderevent',
            name='address_salt',
            field=models.CharField(blank=True, editable=False, max_length=32, default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='orderevent',
            name='address_seal',
            field=models.CharField(blank=True, editable=False, max_length=64, default=''),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='from_status',
            field=models.CharField(blank=True, max_length=20, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='orderevent',
            name='to_status',
            field=models.CharField(blank=True, max_length=20, verbose_name='to'),
        ),
        migrations.RunPython(chain_old_rows, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='orderevent',
            constraint=models.UniqueConstraint(fields=('order', 'position'), name='order_event_once_per_position'),
        ),
    ]
