"""The catalogue as merchants see it."""

from shop.catalogue.admin.categories import CategoryAdmin
from shop.catalogue.admin.options import OptionAdmin
from shop.catalogue.admin.prices import PricePointAdmin
from shop.catalogue.admin.products import ProductAdmin
from shop.catalogue.admin.stock import StockAdmin

__all__ = ["CategoryAdmin", "OptionAdmin", "PricePointAdmin", "ProductAdmin", "StockAdmin"]
