"""What the shop sells, and how many of each it has."""

from shop.catalogue.models.category import Category
from shop.catalogue.models.edition import Edition
from shop.catalogue.models.option import Option, OptionValue
from shop.catalogue.models.picture import Picture
from shop.catalogue.models.price_point import PricePoint
from shop.catalogue.models.product import Product, TaxClass
from shop.catalogue.models.search import SearchEntry, Spelling
from shop.catalogue.models.stock import Stock, StockMovement
from shop.catalogue.models.variant import Variant

__all__ = [
    "Category",
    "Edition",
    "Option",
    "OptionValue",
    "Picture",
    "PricePoint",
    "Product",
    "SearchEntry",
    "Spelling",
    "Stock",
    "StockMovement",
    "TaxClass",
    "Variant",
]
