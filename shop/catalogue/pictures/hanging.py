"""Pictures onto a product."""

from django.db.models import Max

from shop.catalogue.models import Picture, Product
from shop.catalogue.pictures.encoding import Family
from shop.catalogue.pictures.files import keep


def hang(product: Product, family: Family) -> Picture:
    """The product's picture of this content: as it hangs already, or new behind the others."""
    last = product.pictures.aggregate(last=Max("position", default=0))["last"]
    look = {"width": family.width, "height": family.height, "transparent": family.transparent, "position": last + 1}
    return Picture.objects.get_or_create(product=product, file=keep(family), defaults=look)[0]


def choose_cover(product: Product) -> None:
    """The first picture in place is the cover."""
    Product.objects.filter(pk=product.pk).update(cover=product.pictures.order_by("position", "pk").first())
