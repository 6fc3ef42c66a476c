"""Words that staff write in two languages."""

from django.db import models
from django.utils.translation import get_language


def local(row: models.Model, field: str) -> str:
    """The field in the active language, as far as staff have written it: `title_zh` in Chinese, or `title`."""
    chinese = getattr(row, f"{field}_zh") if (get_language() or "").startswith("zh") else ""
    return str(chinese or getattr(row, field))
