"""What the shop remembers of its own health."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class InvariantCheck(models.Model):
    """What one look at all invariants found. `result` is the report as `check_invariants --json` prints it."""

    KEPT = 50

    checked_at = models.DateTimeField(_("checked"))
    is_clean = models.BooleanField(_("all is well"))
    result = models.JSONField()

    class Meta:
        verbose_name, verbose_name_plural = _("check of the invariants"), _("checks of the invariants")
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M} UTC"

    @property
    def broken(self) -> list[dict[str, Any]]:
        return [one for one in self.result["invariants"] if not one["holds"]]

    @property
    def what_is_broken(self) -> list[tuple[str, list[int], bool]]:
        """Equal for two checks that found the same."""
        return [(one["name"], [row["key"] for row in one["broken"]], one["more"]) for one in self.broken]

    @property
    def seconds(self) -> float:
        return float(sum(one["seconds"] for one in self.result["invariants"]))
