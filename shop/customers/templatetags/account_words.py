"""How the account's pages write what allauth hands them."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def without_placeholder(field: BoundField) -> SafeString:
    """The field without the grey words inside: its label says the same, stays while one types, and has contrast."""
    return field.as_widget(attrs={"placeholder": ""})
