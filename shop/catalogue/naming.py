"""A variant that has options is called after them."""

from django.db.models import QuerySet

from shop.catalogue.models import OptionValue, Variant

LONGEST = 80


def name_by_values(variants: QuerySet[Variant]) -> None:
    """Gives each variant that has values the name that they make, in both languages; the others keep theirs."""
    for variant in variants.prefetch_related("values__option"):
        values = sorted(variant.values.all(), key=_place)
        if values:
            Variant.objects.filter(pk=variant.pk).update(
                title=", ".join(value.name for value in values)[:LONGEST],
                title_zh="，".join(value.name_zh or value.name for value in values)[:LONGEST],
            )


def _place(value: OptionValue) -> tuple[int, int]:
    return value.option.position, value.option_id
