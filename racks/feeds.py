"""Rack builds and commissioning reports, as intake hands them over."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import IO, Any

from intake.domain.words import RowState
from intake.feeds.frame import (
    FeedContext,
    FeedItem,
    FileRefusedError,
    RejectedItem,
    WaitingError,
    register_feed,
)
from intake.models import FeedRow
from lots.models import Unit
from racks.domain.reports import (
    COMMISSIONING_FORMAT,
    RACK_FORMAT,
    Entry,
    Report,
    commissioning_report,
    instant,
    rack_report,
    reading_value,
)
from racks.domain.words import ReadingKind
from racks.models import Rack
from racks.selectors import open_placements
from racks.services import (
    CommissioningRecord,
    Measured,
    RackOrder,
    place_rack,
    place_unit,
    record_commissioning,
)
from supplychain.base.errors import MalformedError

BYTES_MAX = 16 * 1024 * 1024


class RackFeed:
    """`rack-1`: the rack into its position, then each unit into its slot, one by one."""

    kind = "rack"

    def recognises(self, name: str, head: bytes) -> bool:
        """By name, or by the format it states."""
        return name.endswith(".rack.json") or _states(head, RACK_FORMAT)

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        """The rack is item 1, its placements follow."""
        report = _read(stream, rack_report)
        installed_at = instant(report.header["installed_at"])
        yield _item(RACK_FORMAT, 1, report.header, installed_at)
        for entry in report.entries:
            content = {
                "rack": report.header["rack_serial"],
                "installed_at": report.header["installed_at"],
                **entry.content,
            }
            yield (
                _rejected(entry, entry.number + 1)
                if entry.reason
                else _item(RACK_FORMAT, entry.number + 1, content, installed_at)
            )

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        """Place the rack or one unit. WaitingError: the rack or the unit has not come yet."""
        if "serial" in item.content:
            _place_unit(item.content, context.source_reference)
        else:
            installed_at = instant(item.content["installed_at"])
            place_rack(order=RackOrder(**{**item.content, "installed_at": installed_at}))


class CommissioningFeed:
    """`commissioning-1`: one round of readings on a rack that has been filled."""

    kind = "commissioning"

    def recognises(self, name: str, head: bytes) -> bool:
        """By name, or by the format it states."""
        return name.endswith(".commissioning.json") or _states(head, COMMISSIONING_FORMAT)

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        """All readings that can be read are one item, as they are judged together."""
        report = _read(stream, commissioning_report)
        readings = [entry.content for entry in report.entries if not entry.reason]
        content = {**report.header, "readings": readings}
        finished_at = instant(report.header["finished_at"])
        yield _item(COMMISSIONING_FORMAT, 1, content, finished_at)
        for entry in report.entries:
            if entry.reason:
                yield _rejected(entry, entry.number + 1)

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        """Judge the round. WaitingError: the rack has not come, or is not filled."""
        serial = item.content["rack"]
        if _is_unfilled(serial):
            raise WaitingError(f"Rack {serial} is not here yet, or not filled.", rack=serial)
        record_commissioning(
            record=CommissioningRecord(
                rack_serial=serial,
                fluid=item.content["fluid"],
                started_at=instant(item.content["started_at"]),
                finished_at=instant(item.content["finished_at"]),
                op_key=item.op_key,
                readings=[_measured(row) for row in item.content["readings"]],
            )
        )


def register_ours() -> None:
    """Make both feeds known to intake."""
    register_feed(RackFeed())
    register_feed(CommissioningFeed())


def _states(head: bytes, word: str) -> bool:
    return re.search(rb'"format"\s*:\s*"' + re.escape(word.encode()) + rb'"', head) is not None


def _read(stream: IO[bytes], decode: Callable[[bytes], Report]) -> Report:
    content = stream.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise FileRefusedError(f"The report is longer than {BYTES_MAX} bytes. Send it in parts.")
    try:
        return decode(content)
    except MalformedError as error:
        raise FileRefusedError(error.detail) from error


def _item(word: str, number: int, content: Mapping[str, Any], at: datetime) -> FeedItem:
    """Known by its content, so that a report sent twice is applied once."""
    text = json.dumps(content, sort_keys=True)
    op_key = f"{word}:{hashlib.sha256(text.encode()).hexdigest()}"
    return FeedItem(number=number, op_key=op_key, content=content, occurred_at=at)


def _rejected(entry: Entry, number: int) -> RejectedItem:
    return RejectedItem(number=number, reason=f"entry {entry.number}: {entry.reason}")


def _place_unit(content: Mapping[str, Any], source_reference: str) -> None:
    rack, serial = content["rack"], content["serial"]
    if not Rack.objects.filter(serial=rack).exists():
        raise WaitingError(f"Rack {rack} is not here yet.", rack=rack)
    unit = Unit.objects.filter(serial=serial).first()
    if unit is None:
        raise WaitingError(f"Unit {serial} is not known yet.", serial=serial)
    place_unit(
        unit=unit,
        rack_serial=rack,
        slot_number=content["slot"],
        at=instant(content["installed_at"]),
        source_reference=source_reference,
    )


def _is_unfilled(rack: str) -> bool:
    """Nothing is in the rack, or units reported for it still wait: its heat is not known."""
    waiting = FeedRow.objects.filter(
        state=RowState.WAITING, op_key__startswith=RACK_FORMAT, content__rack=rack
    )
    filled = open_placements().filter(slot__rack__serial=rack)
    return not filled.exists() or waiting.exists()


def _measured(row: Mapping[str, Any]) -> Measured:
    return Measured(
        kind=ReadingKind(row["kind"]),
        value=reading_value(row["value"]),
        measured_at=instant(row["measured_at"]),
    )
