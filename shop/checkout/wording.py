"""How the checkout says days."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def working_days(least: int, most: int) -> str:
    """2 to 4 working days, 1 working day."""
    if least != most:
        return _("%(least)d to %(most)d working days") % {"least": least, "most": most}
    return ngettext("%(days)d working day", "%(days)d working days", most) % {"days": most}
