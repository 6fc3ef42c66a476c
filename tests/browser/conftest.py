"""What the browser tests share."""

import pytest
from django.core.cache import cache


@pytest.fixture
def _no_try_is_counted(transactional_db: None) -> None:
    """Wrong passwords are counted in the cache, by address and account: each test begins anew."""
    cache.clear()
