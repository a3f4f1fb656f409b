"""Files handed in as partners do."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from itertools import count

from intake.domain.words import Door
from intake.models import RawFile
from intake.services import drain, receive_file

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
WIP_COLUMNS = (
    "event_id", "occurred_at", "supplier", "verb", "lot", "product", "route", "step", "quantity",
    "unit", "wafers", "to_lot", "to", "hold_class", "reason", "comment", "serials",
)  # fmt: skip
_events = count(1)


def hand_in(content: bytes, name: str = "a.stdf", *, creates_lots: bool = False) -> RawFile:
    return receive_file(
        stream=io.BytesIO(content), name=name, door=Door.API, creates_lots=creates_lots
    ).file


def loaded(content: bytes, name: str = "a.stdf", *, creates_lots: bool = False) -> RawFile:
    """Handed in and worked on until nothing is owed."""
    file = hand_in(content, name, creates_lots=creates_lots)
    drain()
    return again(file)


def again(file: RawFile) -> RawFile:
    return RawFile.objects.get(pk=file.pk)


def at(hours: float) -> str:
    return (T0 + timedelta(hours=hours)).isoformat()


def table(columns: tuple[str, ...], *rows: dict[str, str]) -> bytes:
    lines = [",".join(row.get(name, "") for name in columns) for row in rows]
    return "\n".join([",".join(columns), *lines, ""]).encode()


def wip_row(verb: str, lot: str, hours: float = 0, **words: str) -> dict[str, str]:
    event = {"event_id": f"E{next(_events)}", "occurred_at": at(hours), "supplier": "OSAT1"}
    return {**event, "verb": verb, "lot": lot, **words}


def wip(*rows: dict[str, str]) -> bytes:
    return table(WIP_COLUMNS, *rows)


def start_row(lot: str = "W1", step: str = "CP1", wafers: str = "1-2") -> dict[str, str]:
    return wip_row(
        "receive", lot, product="TRN3-DIE", route="A", step=step, quantity="2", unit="wafer",
        wafers=wafers,
    )  # fmt: skip
