"""Mails as staff see them: who was told what, and whether it left the house."""

from django.contrib import admin
from django.http import HttpRequest

from shop.mails.models import Mail


@admin.register(Mail)
class MailAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["subject", "to", "created_at", "sent_at"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    search_fields = ["to", "subject"]
    ordering = ["-pk"]
    fields = ["to", "subject", "text", "created_at", "sent_at"]
    readonly_fields = ["to", "subject", "text", "created_at", "sent_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
