from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce, Lower


def learn_addresses(apps, schema_editor):
    """Of the uses that there are: the address of their orders."""
    Order, VoucherUse = apps.get_model("orders", "Order"), apps.get_model("checkout", "VoucherUse")
    of_order = Order.objects.filter(number=OuterRef("order_number")).values(written=Lower("email"))
    VoucherUse.objects.update(email=Coalesce(Subquery(of_order[:1]), models.Value("")))


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0001_initial'),
        ('orders', '0005_shipping_tax_rate'),
    ]

    operations = [
        migrations.AddField(
            model_name='voucheruse',
            name='email',
            field=models.CharField(blank=True, default='', max_length=254, verbose_name='e-mail'),
        ),
        migrations.AddIndex(
            model_name='voucheruse',
            index=models.Index(fields=['voucher', 'email'], name='voucher_use_by_email'),
        ),
        migrations.RunPython(learn_addresses, migrations.RunPython.noop),
    ]
