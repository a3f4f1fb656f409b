"""Reports of the data centre for tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from django.db import connection

from intake.feeds.frame import FeedContext, FeedItem, RejectedItem

INSTALLED_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
ROUND = {
    "leak_pressure_decay_bar": 0.0,
    "flow_litre_per_minute": 11.5,
    "supply_celsius": 24.0,
    "return_celsius": 34.0,
    "dew_point_celsius": 13.0,
    "pressure_difference_bar": 1.4,
}


def rack_json(*serials: str, **changes: Any) -> dict[str, Any]:
    """A rack R1 with units from slot 1 up."""
    report: dict[str, Any] = {
        "format": "rack-1",
        "site": {"code": "PDX1", "name": "Portland 1", "country": "US"},
        "hall": "H1",
        "position": "A01",
        "row": "A",
        "column": 1,
        "rack": {"serial": "R1", "name": "First", "slots": 4},
        "installed_at": INSTALLED_AT.isoformat(),
        "placements": [{"slot": slot, "serial": serial} for slot, serial in enumerate(serials, 1)],
    }
    return {**report, **changes}


def commissioning_json(**changes: Any) -> dict[str, Any]:
    """One round on rack R1 with two 4-chip servers in it; changes: values by kind."""
    values = {**ROUND, **changes}
    return {
        "format": "commissioning-1",
        "rack": "R1",
        "started_at": INSTALLED_AT.isoformat(),
        "finished_at": (INSTALLED_AT + timedelta(hours=2)).isoformat(),
        "fluid": "PG25",
        "readings": [
            {"kind": kind, "value": value, "measured_at": INSTALLED_AT.isoformat()}
            for kind, value in values.items()
        ],
    }


def stream(report: object) -> BytesIO:
    return BytesIO(json.dumps(report).encode())


def apply_all(feed: Any, report: object) -> list[RejectedItem]:
    """Carry out every item of a report; what was rejected."""
    rejected = []
    for item in feed.parse(stream(report)):
        if isinstance(item, FeedItem):
            feed.apply(item, FeedContext(1, "f" * 64, "a.json", INSTALLED_AT, item.number))
        else:
            rejected.append(item)
    return rejected


def without_guard(table: str, trigger: str) -> None:
    """From here to the end of the test, rows may be written that no event tells of."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
