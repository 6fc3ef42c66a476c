"""Nothing in the queue changes at the first press: a page says what is about to happen, and asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from queue_table.models import Job

CONFIRMED = "confirmed"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the page asks. The answer is a POST of `hidden`, of the form's fields, and of `confirmed=yes`."""

    title: str
    text: str
    button: str
    back: str
    action: str = ""
    hidden: Sequence[tuple[str, Any]] = ()
    jobs: Sequence[Job] = ()
    form: forms.Form | None = None


def is_confirmed(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get(CONFIRMED) == "yes"


def ask(site: admin.AdminSite, request: HttpRequest, question: Question) -> TemplateResponse:
    context = {**site.each_context(request), "title": question.title, "question": question, "opts": Job._meta}
    return TemplateResponse(request, "admin/queue_table/confirm.html", context)
