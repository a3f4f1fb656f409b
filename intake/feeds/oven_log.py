"""Logs of ovens as tables: a line for each instant, with temperature, voltage or both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import isfinite
from typing import IO, Any

from intake.domain.contents import content_sha256
from intake.domain.errors import FileRefusedError
from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.tables import BadLine, Line, header_of, instant_of, table_lines
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from supplychain.base.errors import MalformedError
from testing.domain.burnin_series import Sample
from testing.services import OvenLog, record_oven_log

REQUIRED = ("oven", "occurred_at")
QUANTITIES = ("temperature_celsius", "voltage")
ITEM_LINES = 2000


class OvenLogFeed:
    """Up to 2,000 lines of one oven that follow each other are one item.

    A column that the file does not have says nothing; an empty cell says that the sensor gave
    nothing then, which proves nothing.
    """

    kind = "oven-log"
    columns = (*REQUIRED, *QUANTITIES)

    def recognises(self, name: str, head: bytes) -> bool:
        header = set(header_of(head))
        is_log = header >= set(REQUIRED) and not header.isdisjoint(QUANTITIES)
        return name.endswith(".ovenlog.csv") or is_log

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        return self.parse_mapped(stream, AS_DOCUMENTED)

    def parse_mapped(
        self, stream: IO[bytes], mapping: ColumnMapping
    ) -> Iterator[FeedItem | RejectedItem]:
        """Items in the order of their first lines, each after the bad lines before its last."""
        items: dict[str, _Item] = {}
        for line in table_lines(stream, REQUIRED, QUANTITIES, mapping):
            row = _row(line)
            if isinstance(row, RejectedItem):
                yield row
                continue
            oven, cells = row
            item = items.setdefault(oven, _Item(oven, line.number))
            item.lines.append(cells)
            if len(item.lines) == ITEM_LINES:
                yield items.pop(oven).whole()
        for item in items.values():
            yield item.whole()

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        lines = item.content["lines"]
        record_oven_log(
            OvenLog(
                oven=item.content["oven"],
                temperature=_samples(lines, "temperature_celsius"),
                voltage=_samples(lines, "voltage"),
                source_sha256=context.sha256,
                source_name=context.name,
            )
        )


class _Item:
    """Lines of one oven that follow each other. number: of the first."""

    def __init__(self, oven: str, number: int) -> None:
        self.oven, self.number = oven, number
        self.lines: list[dict[str, Any]] = []

    def whole(self) -> FeedItem:
        """The same lines have the same key, whatever file they come in."""
        content = {"oven": self.oven, "lines": self.lines}
        first = datetime.fromisoformat(self.lines[0]["occurred_at"])
        key = f"oven-log:{self.oven[:40]}:{content_sha256(content)}"
        return FeedItem(self.number, key, content, first, len(self.lines))


def _row(line: Line | BadLine) -> tuple[str, dict[str, Any]] | RejectedItem:
    if isinstance(line, BadLine):
        return RejectedItem(line.number, line.reason, line.text)
    values = line.values
    given = [name for name in QUANTITIES if name in values]
    if not given:
        raise FileRefusedError(
            "The first line names neither temperature_celsius nor voltage. See the description of "
            "the format, or add a mapping for this partner."
        )
    if not values["oven"]:
        return RejectedItem(line.number, "oven is empty.", ",".join(values.values()))
    try:
        at = instant_of(values["occurred_at"], "occurred_at").isoformat()
        cells = {name: _number(values[name], name) for name in given}
    except MalformedError as error:
        return RejectedItem(line.number, error.detail, ",".join(values.values()))
    return values["oven"], {"occurred_at": at, **cells}


def _number(text: str, name: str) -> float | None:
    """None for an empty cell. MalformedError for what is no finite number."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise MalformedError(f"{name} is {text!r}; write a number, or nothing.", field=name)
    return value


def _samples(lines: list[dict[str, Any]], name: str) -> list[Sample]:
    return [
        Sample(datetime.fromisoformat(line["occurred_at"]), line[name])
        for line in lines
        if name in line
    ]
