"""Reports of the data centre: what was put where, and how its coolant was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.floor import Floor
from simulator.outbox import stamp

SITES = {
    "PDX1": {"code": "PDX1", "name": "Portland 1", "country": "US"},
    "IAD2": {"code": "IAD2", "name": "Ashburn 2", "country": "US"},
    "DUB3": {"code": "DUB3", "name": "Dublin 3", "country": "IE"},
}
COLUMNS_A_ROW = 8
FLUID = "PG25"
LITRES_A_KILOWATT = 1.22


@dataclass(frozen=True, slots=True)
class RackBuild:
    """A frame with what is in it, from slot 1 upwards. place: counts positions of the hall."""

    serial: str
    name: str
    site: str
    place: int
    slot_count: int
    units: tuple[str, ...]
    installed_at: datetime


def send_rack(floor: Floor, rack: RackBuild, lot: str) -> None:
    """The rack report, some hours after the last unit went in and after the lot's news."""
    row, column = "ABCDEFGHJK"[rack.place // COLUMNS_A_ROW], rack.place % COLUMNS_A_ROW + 1
    content: dict[str, object] = {
        "format": "rack-1",
        "site": SITES[rack.site],
        "hall": "H1",
        "position": f"{row}{column:02d}",
        "row": row,
        "column": column,
        "rack": {"serial": rack.serial, "name": rack.name, "slots": rack.slot_count},
        "installed_at": stamp(rack.installed_at),
        "placements": [
            {"slot": slot, "serial": serial} for slot, serial in enumerate(rack.units, 1)
        ],
    }
    at = floor.desk.follows("ops", lot, (), rack.installed_at + timedelta(hours=5))
    if floor.outbox.send_json("ops", at, f"{rack.serial}.rack.json", content):
        floor.figures["racks"] += 1


def send_commissioning(floor: Floor, rack: RackBuild, at: datetime, kilowatts: float) -> None:
    """Two rounds of readings on the loop. kilowatts: heat that the frame gives off."""
    rng = floor.rng(rack.serial, "coolant")
    supply = 24.0 + float(rng.uniform(-1, 1))
    readings = []
    for turn in range(2):
        measured_at = at + timedelta(hours=turn)
        values = {
            "leak_pressure_decay_bar": 0.0,
            "flow_litre_per_minute": LITRES_A_KILOWATT * kilowatts * float(rng.uniform(0.97, 1.03)),
            "supply_celsius": supply,
            "return_celsius": supply + 10.0 + float(rng.uniform(-0.8, 0.8)),
            "dew_point_celsius": 13.5 + float(rng.uniform(-1, 1)),
            "pressure_difference_bar": 1.4 + float(rng.uniform(-0.2, 0.2)),
        }
        readings += [
            {"kind": kind, "value": round(value, 3), "measured_at": stamp(measured_at)}
            for kind, value in values.items()
        ]
    finished_at = at + timedelta(hours=2)
    content: dict[str, object] = {
        "format": "commissioning-1",
        "rack": rack.serial,
        "started_at": stamp(at),
        "finished_at": stamp(finished_at),
        "fluid": FLUID,
        "readings": readings,
    }
    told_at = finished_at + timedelta(hours=14)
    floor.outbox.send_json("ops", told_at, f"{rack.serial}.commissioning.json", content)
