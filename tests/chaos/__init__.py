"""The queue under violence: processes are killed and frozen at random, and what their jobs left behind must add up.

`python -m tests.chaos --help` says what a long run can be asked to do; tests/test_queue_chaos.py holds a short one.
"""
