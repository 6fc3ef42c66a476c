"""A list that opens at once whatever the table holds: it counts nothing, and older pages begin where this one ended."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.http import HttpRequest
from django.utils.text import capfirst

from queue_table.admin.newest import Found, newest
from queue_table.models import Job
from queue_table.querysets import JobQuerySet

BEFORE = "before"
LOOK_SECONDS = 0.2
HEAVY = ["payload", "errors", "result"]
MOST_FOUND = 1000
LONGEST_NUMBER = 18  # digits: what a bigint surely holds


class JobChangeList(ChangeList):
    found: Found

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self.title = capfirst(str(self.opts.verbose_name_plural))
        for kept in (self.params, self.filter_params):
            kept.pop(BEFORE, None)  # another filter or search begins with the newest rows again

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        return {name: value for name, value in super().get_filters_params(params).items() if name != BEFORE}

    def get_results(self, request: HttpRequest) -> None:
        before = number(request.GET.get(BEFORE, ""))
        self.found = newest(self.queryset, before=before, wanted=self.list_per_page, seconds=LOOK_SECONDS)
        self.result_list = list(Job.objects.filter(pk__in=self.found.keys).defer(*HEAVY).order_by("-pk"))
        self.result_count = len(self.result_list)
        self.full_result_count, self.show_full_result_count = self.result_count, False
        self.show_admin_actions, self.can_show_all, self.multi_page = True, False, False
        self.is_first_page = before is None
        self.paginator = self.model_admin.get_paginator(request, self.result_list, self.list_per_page)

    def older(self) -> str | None:
        """The query of the page that goes on where this one ended; None at the end."""
        return None if self.found.down_to is None else self.get_query_string({BEFORE: self.found.down_to})


def searched(jobs: JobQuerySet, text: str) -> JobQuerySet:
    """The rows that an index finds by number, order or dedupe key; if there is none, those of this customer."""
    looks = [Q(dedupe_key=text)]  # one after the other: three databases plan an OR in three ways
    if (found := number(text)) is not None:
        looks += [Q(pk=found), Q(order_id=found)]
    keys = {key for look in looks for key in Job.objects.filter(look).values_list("pk", flat=True)[:MOST_FOUND]}
    return jobs.filter(pk__in=keys) if keys else jobs.filter(user_info=text)


def number(text: str) -> int | None:
    """The whole number that the text is, if any row's key can be so great."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None
