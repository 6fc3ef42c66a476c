"""Each product's one picture becomes its cover, and each price of today the first of its history."""

import logging
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.db import migrations
from django.utils import timezone

# Plain functions without models, which stay as they are: a picture's name is made from what they write.
from shop.catalogue.pictures.encoding import PictureRefused, encoded
from shop.catalogue.pictures.files import keep

logger = logging.getLogger(__name__)


def hang_pictures(apps, schema_editor):
    for product in apps.get_model("catalogue", "Product").objects.exclude(picture="").iterator():
        picture = _hung(apps, product)
        if picture:
            product.cover = picture
            product.save(update_fields=["cover"])


def _hung(apps, product):
    """None for a file that is lost or broken: the page shows the product's first letter."""
    try:
        with default_storage.open(product.picture.name) as file:
            family = encoded(file)
    except (OSError, PictureRefused) as error:
        logger.warning("%s keeps no picture: %s (%s)", product.slug, PurePosixPath(product.picture.name).name, error)
        return None
    look = {"width": family.width, "height": family.height, "transparent": family.transparent}
    return apps.get_model("catalogue", "Picture").objects.create(product=product, file=keep(family), **look)


def begin_price_history(apps, schema_editor):
    now = timezone.now()
    prices = apps.get_model("catalogue", "Variant").objects.values_list("pk", "price")
    points = apps.get_model("catalogue", "PricePoint")
    points.objects.bulk_create(
        [points(variant_id=key, price=price, at=now) for key, price in prices], batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_tree_variants_pictures_prices")]

    operations = [
        migrations.RunPython(hang_pictures, migrations.RunPython.noop),
        migrations.RunPython(begin_price_history, migrations.RunPython.noop),
    ]
