"""Finished parts of others: Marvell chips, switches, inference systems, received by notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.floor import Floor
from simulator.outbox import stamp
from simulator.racks import RackBuild, send_commissioning, send_rack
from simulator.schedule import entries_back_from

CHIP_DAYS = {"RCV": (2.0, 3.0), "IST": (3.0, 4.0), "IDREG": (1.0, 2.0), "STOCK": (1.0, 1.0)}
SWITCH_DAYS = {
    "RCV": (2.0, 3.0),
    "SFT": (3.0, 4.0),
    "TRAY": (3.0, 5.0),
    "FCT": (1.0, 2.0),
    "PORT": (1.0, 2.0),
    "STOCK": (1.0, 1.0),
}
SYSTEM_DAYS = {
    "RCV": (2.0, 4.0),
    "FUNC": (2.0, 3.0),
    "INSTALL": (2.0, 4.0),
    "LINK": (1.0, 2.0),
    "SOAK": (3.0, 6.0),
    "DEPLOY": (1.0, 1.0),
}
SYSTEM_KILOWATTS = 23.0
NOTICE_BEFORE = timedelta(hours=6)
NOTICE_LATE = timedelta(days=12)


@dataclass(frozen=True, slots=True)
class PurchasePlan:
    """One lot and where it stands at the end. checker: who reports its steps."""

    code: str
    product: str
    route: str
    supplier: str
    checker: str
    count: int
    step: str
    age_days: float
    is_notice_late: bool = False


DAYS = {"TRN2": CHIP_DAYS, "NSW-1": SWITCH_DAYS, "CS-SYS": SYSTEM_DAYS}


def run_purchase(floor: Floor, plan: PurchasePlan) -> list[str]:
    """Tell the lot's story up to the end; returns its serials."""
    rng = floor.rng(plan.code, "days")
    days = DAYS[plan.product]
    entries = entries_back_from(days, plan.step, floor.days_ago(plan.age_days), rng)
    serials = [f"{plan.code}-{index:04d}" for index in range(1, plan.count + 1)]
    _send_notice(floor, plan, entries["RCV"], serials)
    floor.started(plan.code)
    floor.figures["chips"] += len(serials) if plan.product == "TRN2" else 0
    for step in list(entries)[1:]:
        floor.desk.move(plan.checker, plan.code, entries[step], step, plan.count)
        if plan.product == "CS-SYS" and step == "INSTALL":
            _install(floor, plan, entries, serials)
    return serials


def _send_notice(floor: Floor, plan: PurchasePlan, at: datetime, serials: list[str]) -> None:
    """The advance ship notice; a Marvell chip names the wafer it is said to come from.

    A late notice comes days after the first reports on the lot, which have to wait for it.
    """
    is_chip = plan.product == "TRN2"
    rows = [
        {
            "shipment": f"{plan.supplier}-{plan.code}",
            "occurred_at": stamp(at),
            "supplier": plan.supplier,
            "lot": plan.code,
            "product": plan.product,
            "route": plan.route,
            "step": "RCV",
            "serial": serial,
            "declared_lot": f"MV{plan.code[-3:]}88" if is_chip else "",
            "declared_wafer": f"MV{plan.code[-3:]}88-{index // 30 + 1:02d}" if is_chip else "",
        }
        for index, serial in enumerate(serials)
    ]
    vendor = plan.supplier.lower()
    sent_at = at + NOTICE_LATE if plan.is_notice_late else at - NOTICE_BEFORE
    floor.outbox.send_table(vendor, sent_at, f"{plan.code}.asn.csv", rows)


def _install(
    floor: Floor, plan: PurchasePlan, entries: dict[str, datetime], serials: list[str]
) -> None:
    """One frame a lot, beside the Trainium racks."""
    number = int(plan.code[-3:])
    at = entries["INSTALL"] + timedelta(hours=20)
    rack = RackBuild(
        f"RKC-{number:02d}",
        "Inference systems",
        "DUB3",
        number,
        len(serials),
        tuple(serials),
        at,
    )
    send_rack(floor, rack, plan.code)
    send_commissioning(floor, rack, at + timedelta(hours=10), SYSTEM_KILOWATTS * len(serials))
