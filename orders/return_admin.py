"""Returns as staff see them: what was asked, what it looks like, and what to do next."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from orders.deed_admin import SETTLED, DeedAdmin
from orders.forms import AnswerForm
from orders.lifecycle import Actor, ReturnStatus
from orders.models import Return, ReturnLine, ReturnPhoto
from orders.read_only import ReadOnlyInline
from orders.return_deeds import DEEDS, NEXT
from orders.returning import answer_return


class ReturnLineInline(ReadOnlyInline):
    model = ReturnLine
    fields = ["title", "quantity", "received", "restocked"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnLine]:
        return super().get_queryset(request).select_related("line")

    @admin.display(description=_("title"))
    def title(self, row: ReturnLine) -> str:
        return row.line.title


@admin.register(Return)
class ReturnAdmin(DeedAdmin):
    form = AnswerForm
    deeds = DEEDS
    list_display = ["order", "status", "reason", "requested_at", "next_step"]
    list_filter = ["status", "reason", "requested_at"]
    list_select_related = ["order"]
    search_fields = ["=order__number", "=tracking_number", "words"]
    ordering = ["-pk"]
    inlines = [ReturnLineInline]
    readonly_fields = ["order_link", "status", "reason", "words", "photos_shown", "tracking_number", "requested_at"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Return | None = None) -> Any:
        """First what was asked, then the answer; one that was given is read in the status and the note."""
        answer = ["answer"] if self.has_change_permission(request, obj) else []
        return [*self.readonly_fields, *answer, "note"]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Return | None:
        """Held while it is answered: the customer may be withdrawing it at this moment."""
        asked = super().get_object(request, object_id, from_field)
        return Return.objects.select_for_update().get(pk=asked.pk) if asked and request.method == "POST" else asked

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Return | None = None) -> bool:
        """An answered one is for reading; an answer that comes too late is told so by the form."""
        answerable = obj is None or obj.is_open or request.method == "POST"
        return answerable and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Return | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Return, form: Any, change: bool) -> None:
        answer_return(obj, form.cleaned_data["answer"], Actor.STAFF, form.cleaned_data["note"])

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.photo_view)
        return [path("<int:pk>/photo/<int:photo>/", view, name="orders_return_photo"), *super().get_urls()]

    def photo_view(self, request: HttpRequest, pk: int, photo: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = get_object_or_404(ReturnPhoto, parent_id=pk, pk=photo)
        return HttpResponse(bytes(shown.content), content_type="image/webp")

    @admin.display(description=_("what to do next"))
    def next_step(self, row: Return) -> str | Promise:
        return NEXT.get(ReturnStatus(row.status), SETTLED)

    @admin.display(description=_("order"))
    def order_link(self, asked: Return) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:orders_order_change", args=[asked.order_id]), asked.order
        )

    @admin.display(description=_("photos"))
    def photos_shown(self, asked: Return) -> str:
        photos = ReturnPhoto.objects.shown().filter(parent=asked)
        addresses = [(reverse("admin:orders_return_photo", args=[asked.pk, photo.pk]),) * 2 for photo in photos]
        return format_html_join(" ", '<a href="{}"><img class="return-photo" src="{}" alt=""></a>', addresses) or "–"
