"""Lines that belong together, brought into one item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from intake.domain.errors import BoundError
from intake.domain.tables import BadLine, Line, instant_of
from intake.feeds.keys import operation_key
from intake.services.registry import FeedItem, RejectedItem
from supplychain.base.errors import MalformedError

LINES_MAX = 500_000
"""Of one file, which are kept until its last line was read."""


@dataclass(slots=True)
class _Group:
    """What its first line says, and of each line only its own columns: there may be 90,000."""

    first: Line
    lines: list[dict[str, str]] = field(default_factory=list)
    differing: set[str] = field(default_factory=set)


def grouped_items(
    lines: Iterable[Line | BadLine],
    kind: str,
    shared: tuple[str, ...],
    own: tuple[str, ...],
    key_of: Callable[[dict[str, str]], str],
    optional: tuple[str, ...] = (),
) -> Iterator[FeedItem | RejectedItem]:
    """Items in the order of their first lines, after the lines that cannot be read.

    shared: columns that must agree within a group; own: columns of each line, kept as `lines`.
    optional: shared too, and left out of what is kept where they say nothing.
    key_of: what names the group within its supplier; "" makes a line its own group. BoundError
    for more lines than LINES_MAX.
    """
    groups: dict[tuple[str, str], _Group] = {}
    for count, line in enumerate(lines):
        if count == LINES_MAX:
            raise BoundError(
                f"The file has more than {LINES_MAX:,} lines. Split it.", lines_max=LINES_MAX
            )
        if isinstance(line, BadLine):
            yield RejectedItem(line.number, line.reason, line.text)
            continue
        name = key_of(line.values) or f"line {line.number}"
        group = groups.setdefault((line.values["supplier"], name), _Group(line))
        group.lines.append({name: line.values[name] for name in own if name in line.values})
        group.differing.update(
            name
            for name in (*shared, *optional)
            if line.values.get(name, "") != group.first.values.get(name, "")
        )
    for group in groups.values():
        said = tuple(name for name in optional if group.first.values.get(name))
        yield _item(group, kind, (*shared, *said), key_of)


def _item(
    group: _Group, kind: str, shared: tuple[str, ...], key_of: Callable[[dict[str, str]], str]
) -> FeedItem | RejectedItem:
    values = group.first.values
    if group.differing:
        named = ", ".join(sorted(group.differing, key=list(values).index))
        return _rejected(group, f"Lines of one operation differ in {named}.")
    try:
        occurred_at = instant_of(values["occurred_at"], "occurred_at")
    except MalformedError as error:
        return _rejected(group, error.detail)
    content: dict[str, Any] = {name: values[name] for name in shared}
    content["lines"] = group.lines
    key = operation_key(kind, values["supplier"], key_of(values), content)
    return FeedItem(group.first.number, key, content, occurred_at, len(group.lines))


def _rejected(group: _Group, reason: str) -> RejectedItem:
    text = ",".join(group.first.values.values())
    return RejectedItem(group.first.number, reason, text, len(group.lines))
