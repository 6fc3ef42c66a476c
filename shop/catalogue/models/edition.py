from django.db import models


class Edition(models.Model):
    """The one row of `shop.catalogue.edition`."""

    number = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)
