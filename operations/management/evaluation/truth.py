"""What is known to have gone wrong with recorded lots: a CSV file. Format: docs/statistics.md."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.management.evaluation.bench import tool_columns
from operations.management.evaluation.kinds import KINDS, tool_name
from quality.domain.exposure import Factor
from simulator.streams import Tested
from supplychain.base.errors import MalformedError

COLUMNS = ("event", "kind", "name", "step", "lot", "where")
REQUIRED = ("event", "kind", "step", "lot")
OF_EVENT = ("kind", "name", "step", "where")
ROWS_MAX = 1_000_000
NAMED_MAX = 10


@dataclass(frozen=True, slots=True)
class Event:
    """One excursion or decoy. kind: in KINDS. name: events of one name are reported together.

    lots: codes of those that have it. where: the tool at fault, for kinds that have one.
    """

    id: str
    kind: str
    name: str
    step: str
    lots: frozenset[str]
    where: str = ""


def read_truth(path: Path) -> list[Event]:
    """All events of a file. MalformedError with the line that is wrong, and what to write."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line, row in _rows(path):
        event = rows[row["event"]]
        if event and (differs := [name for name in OF_EVENT if row[name] != event[0][name]]):
            raise _wrong(
                path, line, f"event {row['event']} has another {differs[0]} than in its first row. "
                "Write the same in all of them, or give it another id"
            )  # fmt: skip
        if row["lot"] in {one["lot"] for one in event}:
            raise _wrong(path, line, f"lot {row['lot']} is in event {row['event']} twice")
        event.append(row)
    return [_event(code, event) for code, event in rows.items()]


def write_truth(path: Path, events: Iterable[Event]) -> None:
    """The file that `read_truth` reads."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in events:
            for lot in sorted(one.lots):
                writer.writerow([one.id, one.kind, one.name, one.step, lot, one.where])


def require_recorded(events: Sequence[Event], lots: Sequence[Tested]) -> None:
    """MalformedError for a lot, a step or a tool of the truth that no file tells of."""
    steps: dict[str, set[str]] = defaultdict(set)
    for lot in lots:
        steps[lot.code].add(lot.step)
    for event in events:
        for code in sorted(event.lots):
            _require_lot(event, code, steps)
    for event in events:
        there = [lot for lot in lots if lot.step == event.step and lot.code in event.lots]
        factor = KINDS[event.kind].factor
        if factor is not None:
            _require_tool(event, factor, there)


def _event(code: str, rows: Sequence[Mapping[str, str]]) -> Event:
    first = rows[0]
    lots = frozenset(row["lot"] for row in rows)
    name = first["name"] or first["kind"]
    return Event(code, first["kind"], name, first["step"], lots, first["where"])


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and row, every column there and without outer blanks."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                raise MalformedError(
                    f"{path.name} has no column {', '.join(missing)}. Its first line names the "
                    f"columns: {','.join(COLUMNS)}."
                )
            for count, raw in enumerate(reader, 1):
                if count > ROWS_MAX:
                    raise MalformedError(f"{path.name} has more than {ROWS_MAX:,} rows. Split it.")
                row = {name: (raw.get(name) or "").strip() for name in COLUMNS}
                _require_row(path, reader.line_num, row)
                yield reader.line_num, row
    except OSError as error:
        raise MalformedError(
            f"The truth {path} cannot be read: {error.strerror}. Name a CSV file; one with "
            "nothing but its first line says that no lot had anything."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedError(f"{path.name} is no CSV file in UTF-8: {error}.") from error


def _require_row(path: Path, line: int, row: Mapping[str, str]) -> None:
    for name in REQUIRED:
        if not row[name]:
            raise _wrong(path, line, f"{name} is empty")
    kind = KINDS.get(row["kind"])
    if kind is None:
        raise _wrong(path, line, f"{row['kind']!r} is no kind. Known: {', '.join(KINDS)}")
    if kind.factor is not None and not row["where"]:
        raise _wrong(path, line, f"where is empty; name the {kind.factor} at fault")


def _wrong(path: Path, line: int, what: str) -> MalformedError:
    return MalformedError(f"{path.name}, line {line}: {what}.", line=line)


def _require_lot(event: Event, code: str, steps: Mapping[str, set[str]]) -> None:
    if code not in steps:
        raise MalformedError(
            f"Event {event.id} names lot {code}, of which there is no file. Write lots as the "
            "files do (LOT_ID), or take the row out.",
            lot=code,
        )
    if event.step not in steps[code]:
        raise MalformedError(
            f"Event {event.id}: lot {code} has no results at {event.step}, only at "
            f"{', '.join(sorted(steps[code]))}. Write the step as the files do (TEST_COD, "
            "FLOW_ID or JOB_NAM), or take the row out.",
            lot=code,
            step=event.step,
        )


def _require_tool(event: Event, factor: Factor, lots: Sequence[Tested]) -> None:
    there = {str(name) for lot in lots for name in tool_columns(lot)[factor] if name}
    if tool_name(event.where, factor) not in there:
        known = ", ".join(sorted(there)[:NAMED_MAX]) or "none that a file names"
        raise MalformedError(
            f"Event {event.id}: none of its lots was on {factor} {event.where} at {event.step}. "
            f"They were on: {known}.",
            where=event.where,
        )
