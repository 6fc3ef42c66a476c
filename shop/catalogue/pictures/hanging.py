"""Pictures onto a product."""

from shop.catalogue.models import Picture, Product
from shop.catalogue.pictures.encoding import Family
from shop.catalogue.pictures.files import keep


def hang(product: Product, family: Family) -> Picture:
    """The product's picture of this content, new or as it was. The first one becomes the cover."""
    look = {"width": family.width, "height": family.height, "transparent": family.transparent}
    picture, _created = Picture.objects.get_or_create(product=product, file=keep(family), defaults=look)
    Product.objects.filter(pk=product.pk, cover=None).update(cover=picture)
    return picture
