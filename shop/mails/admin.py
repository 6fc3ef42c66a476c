"""Mails as staff see them: who was told what, and whether it left the house."""

import re

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.mails.models import Mail

LINK = re.compile(r"(https?://[^/\s]+/)\S+")


@admin.register(Mail)
class MailAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["subject", "to", "created_at", "sent_at", "refused_at"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter), ("refused_at", admin.EmptyFieldListFilter)]
    search_fields = ["to", "subject"]
    ordering = ["-pk"]
    fields = ["to", "subject", "words", "created_at", "sent_at", "refused_at"]
    readonly_fields = ["to", "subject", "words", "created_at", "sent_at", "refused_at"]

    @admin.display(description=_("text"))
    def words(self, mail: Mail) -> str:
        """Without the ends of its links: who may read mails may not set a password anew, nor open a guest's order."""
        return LINK.sub(r"\1…", mail.text)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
