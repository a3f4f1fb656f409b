"""Lines that belong together, brought into one item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from intake.domain.tables import BadLine, Line, instant_of
from intake.feeds.keys import operation_key
from intake.services.registry import FeedItem, RejectedItem
from supplychain.base.errors import MalformedError

LINES_MAX = 100_000


def grouped_items(
    lines: Iterable[Line | BadLine],
    kind: str,
    shared: tuple[str, ...],
    own: tuple[str, ...],
    key_of: Callable[[dict[str, str]], str],
) -> Iterator[FeedItem | RejectedItem]:
    """Items in the order of their first lines, after the lines that cannot be read.

    shared: columns that must agree within a group; own: columns of each line, kept as `lines`.
    key_of: what names the group within its supplier; "" makes a line its own group.
    """
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if isinstance(line, BadLine):
            yield RejectedItem(line.number, line.reason, line.text)
            continue
        name = key_of(line.values) or f"line {line.number}"
        groups.setdefault((line.values["supplier"], name), []).append(line)
    for members in groups.values():
        yield _item(members, kind, shared, own, key_of)


def _item(
    members: list[Line],
    kind: str,
    shared: tuple[str, ...],
    own: tuple[str, ...],
    key_of: Callable[[dict[str, str]], str],
) -> FeedItem | RejectedItem:
    first = members[0]
    differing = [
        name for name in shared if any(line.values[name] != first.values[name] for line in members)
    ]
    if differing:
        reason = f"Lines of one operation differ in {', '.join(differing)}."
        return _rejected(members, reason)
    try:
        occurred_at = instant_of(first.values["occurred_at"], "occurred_at")
    except MalformedError as error:
        return _rejected(members, error.detail)
    content: dict[str, Any] = {name: first.values[name] for name in shared}
    content["lines"] = [_own(line, own) for line in members]
    key = operation_key(kind, first.values["supplier"], key_of(first.values), content)
    return FeedItem(first.number, key, content, occurred_at, len(members))


def _own(line: Line, own: tuple[str, ...]) -> dict[str, str]:
    return {name: line.values[name] for name in own if name in line.values}


def _rejected(members: list[Line], reason: str) -> RejectedItem:
    first = members[0]
    text = ",".join(first.values.values())
    return RejectedItem(first.number, reason, text, len(members))
