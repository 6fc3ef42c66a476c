"""The connection on which a worker claims."""

from copy import deepcopy

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Prepared once and planned once, along the claim's index whatever the statistics say: those of an empty table, read
# after a burst, would make the planner sort the whole backlog for each claim. A claim's commit need not wait for the
# disk: one that is lost in a crash of the server leaves its rows ready, and the settling commits after it wait.
CLAIMING = "-c enable_sort=off -c enable_seqscan=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan"
CLAIMING += " -c synchronous_commit=off"


def claiming_connection() -> BaseDatabaseWrapper:
    """PostgreSQL: a connection of the claims' own, to be closed by the caller. Elsewhere, and in a transaction that is
    open already, the default one."""
    default = connections[DEFAULT_DB_ALIAS]
    if default.vendor != "postgresql" or default.in_atomic_block:
        return default
    settings = deepcopy(default.settings_dict)
    settings["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 0, "options": CLAIMING}
    return type(default)(settings, alias=DEFAULT_DB_ALIAS)
