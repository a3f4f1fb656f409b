"""Files as partners send them: named so that they sort in order of arrival."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path

REPORT_HOURS = {"tsmc": 24, "ops": 24, "mrvl": 24, "crbs": 24}
REPORT_HOURS_DEFAULT = 12


@dataclass(frozen=True, slots=True)
class WipRow:
    """One line of a WIP report. "": the vendor did not say."""

    event_id: str
    occurred_at: str
    supplier: str
    verb: str
    lot: str
    product: str = ""
    route: str = ""
    step: str = ""
    quantity: str = ""
    unit: str = ""
    wafers: str = ""
    to_lot: str = ""
    to: str = ""
    hold_class: str = ""
    reason: str = ""
    comment: str = ""
    serials: str = ""


WIP_COLUMNS = [column.name for column in fields(WipRow)]


@dataclass(slots=True)
class Outbox:
    """Everything sent up to end_at. What would arrive later is not written."""

    folder: Path
    end_at: datetime
    file_count: int = 0
    byte_count: int = 0
    _reports: dict[str, list[tuple[datetime, WipRow]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def send(self, vendor: str, at: datetime, name: str, content: bytes) -> bool:
        """Write one file; False when it has not arrived by the end."""
        if at > self.end_at:
            return False
        path = self.folder / vendor / f"{at:%Y%m%dT%H%M%SZ}-{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), f"{path.name} was sent before"
        path.write_bytes(content)
        self.file_count += 1
        self.byte_count += len(content)
        return True

    def send_packed(self, vendor: str, at: datetime, name: str, content: bytes) -> bool:
        """The same, as gzip without a time stamp, so that equal content gives equal bytes."""
        return self.send(vendor, at, f"{name}.gz", gzip.compress(content, 6, mtime=0))

    def send_json(
        self, vendor: str, at: datetime, name: str, content: Mapping[str, object]
    ) -> bool:
        """A JSON document."""
        return self.send(vendor, at, name, (json.dumps(content, indent=1) + "\n").encode())

    def send_table(
        self, vendor: str, at: datetime, name: str, rows: Sequence[Mapping[str, object]]
    ) -> bool:
        """A CSV file with the columns of its first row."""
        return self.send(vendor, at, name, table(list(rows[0]), rows))

    def report(self, vendor: str, reported_at: datetime, row: WipRow) -> None:
        """Put a row into the vendor's next WIP report at or after reported_at."""
        assert reported_at <= self.end_at, f"{row.event_id} is told after the end"
        self._reports[vendor].append((reported_at, row))

    def send_reports(self) -> None:
        """Write all WIP reports, one a slot and vendor; the last slot ends with the line."""
        for vendor, rows in sorted(self._reports.items()):
            slots: dict[datetime, list[tuple[datetime, WipRow]]] = defaultdict(list)
            for reported_at, row in rows:
                slots[self.slot(vendor, reported_at)].append((reported_at, row))
            for slot, entries in sorted(slots.items()):
                ordered = sorted(entries, key=lambda entry: (entry[0], entry[1].event_id))
                lines = [{name: getattr(row, name) for name in WIP_COLUMNS} for _, row in ordered]
                self.send(vendor, slot, f"{vendor}.wip.csv", table(WIP_COLUMNS, lines))

    def slot(self, vendor: str, at: datetime) -> datetime:
        """When the vendor's next report goes out: at fixed hours, and once more at the end."""
        hours = REPORT_HOURS.get(vendor, REPORT_HOURS_DEFAULT)
        slot = at.replace(hour=6, minute=0, second=0, microsecond=0)
        while slot < at:
            slot += timedelta(hours=hours)
        return min(slot, self.end_at)


def table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    """UTF-8 CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def stamp(at: datetime) -> str:
    """ISO 8601 with offset, to the second."""
    return at.isoformat(timespec="seconds")
