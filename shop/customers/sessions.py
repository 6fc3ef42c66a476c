"""Sessions as Django keeps them, found by a query that is written once: every page of who has one asks it."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DjangosStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from shop.catalogue.prepared import Prepared


class SessionStore(DjangosStore):
    def load(self) -> dict[str, Any]:
        for data, expires_at in _of(self.session_key or ""):
            if expires_at > timezone.now():
                return self.decode(data)
        self._session_key = None
        return {}


@Prepared
def _of(key: str) -> QuerySet[Session, tuple[str, datetime]]:
    return Session.objects.filter(pk=key).values_list("session_data", "expire_date")
