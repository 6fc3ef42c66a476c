"""The pictures of a product: new ones by the handful, those that hang in rows with a preview."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import Picture
from shop.catalogue.pictures.encoding import FORMATS, Family
from shop.catalogue.pictures.uploading import Reading
from shop.catalogue.templatetags.shop_pictures import picture


class PicturesInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"multiple": True, "accept": ",".join(f"image/{kind.lower()}" for kind in FORMATS)})


class PicturesField(forms.Field):
    """Several uploads, each with its `reading`: see `ProductAdmin.changeform_view`."""

    widget = PicturesInput

    def clean(self, value: list[Any]) -> list[Family]:
        readings: list[Reading] = [upload.reading for upload in value]
        problems = [reading.problem for reading in readings if reading.problem]
        if problems:
            raise ValidationError([*problems, _("Please choose the pictures once more: a page can't keep them.")])
        return [reading.family for reading in readings if reading.family]


class PictureInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    model = Picture
    fields = ["preview", "alt", "alt_zh", "position"]
    readonly_fields = ["preview"]
    extra = 0

    @admin.display(description=_("picture"))
    def preview(self, row: Picture) -> str:
        return picture(row, sizes="96px")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
