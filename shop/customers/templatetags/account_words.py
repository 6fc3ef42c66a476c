"""How the account's pages write what allauth hands them."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()
# Looked for in this order: most browsers also call themselves Safari, and many Chrome.
BROWSERS = [
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrom", "Chrome"),
]
BROWSERS += [("CriOS", "Chrome"), ("Safari/", "Safari")]
SYSTEMS = [("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android")]
SYSTEMS += [("Mac OS X", "Mac"), ("Linux", "Linux")]


@register.filter
def without_placeholder(field: BoundField) -> SafeString:
    """The field without the grey words inside: its label says the same, stays while one types, and has contrast."""
    return field.as_widget(attrs={"placeholder": ""})


@register.filter
def browser_name(user_agent: str) -> str:
    """`Firefox, Windows`: what a person knows his device by. The rest of what a browser says of itself is history."""
    names = [next((word for sign, word in signs if sign in user_agent), "") for signs in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, names)) or user_agent[:60]
