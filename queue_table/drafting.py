"""A call of a task as the row that it becomes. What not each of the three databases can keep is refused."""

import re
from collections.abc import Mapping, Sequence
from json import JSONEncoder
from typing import Any, NamedTuple

from django.conf import settings

from queue_table.inserting import NewRow
from queue_table.limit_keys import limit_key
from queue_table.tasks_api import Task, normalize_json

ENCODER = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
SCALARS = {str, int, float, bool, type(None)}
DEEPEST = 24  # MariaDB reads 32 levels, and some of them are ours
# As the columns: SQLite would take any length.
LONGEST = {"kind": 64, "user_info": 255, "dedupe_key": 190, "limit_key": 190}


class Arguments(NamedTuple):
    """What a task is to get, as JSON gives it back, and as the row keeps it."""

    args: list[Any]
    kwargs: dict[str, Any]
    payload: str


def new_row(
    task: "Task[..., Any]", args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, **columns: Any
) -> NewRow:
    """A row that runs `task` with these arguments. Raises TypeError or ValueError for what can't be kept."""
    return row_with(task, as_json(task, args, kwargs or {}), **columns)


def row_with(
    task: "Task[..., Any]",
    arguments: Arguments,
    *,
    kind: str = "task",
    order_id: int | None = None,
    user_info: str = "",
    dedupe_key: str | None = None,
    batch_id: int | None = None,
) -> NewRow:
    """A row that runs `task` when and how the task says. Raises ValueError for a text that no column holds."""
    own_key = limit_key(task, arguments.args, arguments.kwargs)
    _check_texts(kind=kind, user_info=user_info, dedupe_key=dedupe_key, limit_key=own_key)
    return NewRow(
        task=task.module_path,
        queue=task.queue_name,
        kind=kind,
        priority=task.priority,
        max_attempts=getattr(task, "max_attempts", 3),
        available_at=task.run_after,
        order_id=order_id,
        user_info=user_info,
        batch_id=batch_id,
        payload=arguments.payload,
        dedupe_key=dedupe_key,
        limit_key=own_key,
    )


def as_json(task: "Task[..., Any]", args: Sequence[Any], kwargs: Mapping[str, Any]) -> Arguments:
    """Raises TypeError or ValueError for arguments that not each of the three databases can keep, or too large ones."""
    kept, payload = _kept("arguments", task, {"args": args, "kwargs": kwargs})
    return Arguments(kept["args"], kept["kwargs"], payload)


def result_as_json(task: "Task[..., Any]", result: Any) -> Any:
    """What a task returned, as JSON gives it back. Raises TypeError or ValueError, as for its arguments."""
    return _kept("result", task, result)[0]


def _kept(what: str, task: "Task[..., Any]", value: Any) -> tuple[Any, str]:
    try:
        kept = _normal(value)
        return kept, _text(kept)
    except RecursionError:
        reason: Exception = ValueError("nested without end")
    except (TypeError, ValueError) as error:
        reason = error
    refusal = TypeError if isinstance(reason, TypeError) else ValueError
    raise refusal(f"the {what} of {task.module_path} can't be kept as JSON: {reason}") from reason


def _normal(value: Any) -> Any:
    """As normalize_json makes it; by type, and not by abstract class, which takes ten times as long."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is dict:
        return {key if type(key) is str else normalize_json(key): _normal(one) for key, one in value.items()}
    return [_normal(one) for one in value] if kind in (list, tuple) else normalize_json(value)


def _text(kept: Any) -> str:
    text = ENCODER.encode(kept)
    size = len(text.encode())  # half a pair of surrogates is no text
    if size > settings.QUEUE_PAYLOAD_BYTES:
        raise ValueError(
            f"{size} bytes, and QUEUE_PAYLOAD_BYTES allows {settings.QUEUE_PAYLOAD_BYTES}:"
            " keep the data elsewhere, and here only its key"
        )
    if "\\u0000" in text and NUL.search(text):
        raise ValueError("PostgreSQL keeps no NUL character")
    if text.count("[") + text.count("{") > DEEPEST and _depth(kept) > DEEPEST:
        raise ValueError(f"nested deeper than {DEEPEST} levels")
    return text


def _depth(value: object) -> int:
    if isinstance(value, Mapping):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _check_texts(**texts: str | None) -> None:
    for name, text in texts.items():
        if text and (len(text) > LONGEST[name] or "\0" in text or not (text.isascii() or _is_whole(text))):
            raise ValueError(f"{name} must be at most {LONGEST[name]} letters, without NUL or half ones, not {text!r}")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
