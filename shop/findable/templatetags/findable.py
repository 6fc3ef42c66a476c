"""The part of a page's head that others read: search engines, and whoever is sent a link."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from shop.catalogue.templatetags.fragments import pure
from shop.findable.heads import head_of

register = template.Library()


@register.simple_tag(takes_context=True)
def findable(context: Context) -> SafeString:
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    head = head_of(match.url_name, context.flatten()) if match else None  # type: ignore[arg-type]
    return pure("shop/_findable.html", head=head, shop_name=context.get("shop_name", ""))


@register.filter
def json_ld(thing: str) -> SafeString:
    return mark_safe(thing)  # noqa: S308 (`structured.written` made it safe)
