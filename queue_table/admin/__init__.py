"""The queue as staff see it: an overview in pictures, every job with its errors, and the few things to do by hand."""

from queue_table.admin.jobs import JobAdmin

__all__ = ["JobAdmin"]
