"""The part of a page's head that others read: search engines, and whoever is sent a link."""

import json
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from shop.findable.addresses import absolute
from shop.findable.heads import head_of

register = template.Library()
# Whatever stands in a title can't end the script element that it is written in.
UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.inclusion_tag("shop/_findable.html", takes_context=True)
def findable(context: Context) -> dict[str, Any]:
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    head = head_of(match.url_name, context.flatten()) if match else None  # type: ignore[arg-type]
    return {"head": head, "shop_name": context.get("shop_name")}


@register.filter
def whole(path: str) -> str:
    return absolute(path)


@register.filter
def json_ld(thing: dict[str, Any]) -> SafeString:
    return mark_safe(json.dumps(thing, ensure_ascii=False).translate(UNSAFE))  # noqa: S308 (just made safe)
