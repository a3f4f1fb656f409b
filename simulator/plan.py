"""Which lots there are and where each stands at the end, scaled to the number of chips."""

from __future__ import annotations

import numpy as np

from simulator.package_lots import PackagePlan
from simulator.purchases import PurchasePlan
from simulator.systems import LONE, US64, US144, Model
from simulator.wafer_lots import WaferPlan

FULL_CHIPS = 3000
WAFER_LOTS_FULL, WAFER_LOTS_MIN = 14, 8
PACKAGE_LOTS_FULL, PACKAGE_LOTS_MIN = 16, 12
WAFERS_FULL, WAFERS_MIN, WAFERS_MAX = 29, 4, 25
SITE_CAUSE_CHIPS_MIN = 80
"""Fewer packages a lot than this say nothing about one site."""

ULTRASERVER_CHIPS_MIN = 450
"""Below, an UltraServer would wait for chips until it is too late to place it."""

DICED_DAYS = (98.0, 35.0)
STOCKED_DAYS = (46.0, 12.0)
WAFER_FEATURES = {2: "breakage", 3: "sort-hold", 4: "split", 6: "merge", 7: "foundry-hold"}
PACKAGE_FEATURES = {1: "merge", 3: "cut-file"}
LATE_NOTICE = 5
LATE_WAFER_LOTS = (
    ("BUMP", 33.0, "stale"),
    ("CP1", 2.5, "edge-ring"),
    ("RCV", 0.9, ""),
    ("FAB", 58.0, ""),
    ("FAB", 13.0, ""),
)
LATE_PACKAGE_LOTS = (
    ("SHIP", 2.0, ""),
    ("SHIP", 1.0, "skipped-test"),
    ("SLT", 1.6, "miscount"),
    ("FT-COLD", 2.2, "beta-program"),
    ("FT-COLD", 0.4, "short-burn-in"),
    ("FT-HOT", 2.2, "bad-site"),
    ("COWOS", 9.0, ""),
)


def wafer_plans(chip_count: int) -> list[WaferPlan]:
    """Oldest first: lots that are a die bank by now, then those still on their way."""
    lots = max(WAFER_LOTS_MIN, round(WAFER_LOTS_FULL * chip_count / FULL_CHIPS))
    wafers = min(WAFERS_MAX, max(WAFERS_MIN, -(-WAFERS_FULL * chip_count // FULL_CHIPS)))
    ages = np.linspace(*DICED_DAYS, lots)
    stands = [("DICE", float(age), WAFER_FEATURES.get(k, "")) for k, age in enumerate(ages)]
    return [
        WaferPlan(f"N3W{number:03d}", wafers, *stand)
        for number, stand in enumerate([*stands, *LATE_WAFER_LOTS], 1)
    ]


def package_plans(chip_count: int) -> list[PackagePlan]:
    """Oldest first: lots in stock, then one at every late step, where most causes are planted."""
    lots = max(PACKAGE_LOTS_MIN, round(PACKAGE_LOTS_FULL * chip_count / FULL_CHIPS))
    chips = -(-chip_count // lots)
    ages = np.linspace(*STOCKED_DAYS, lots - len(LATE_PACKAGE_LOTS))
    stands = [("STOCK", float(age), PACKAGE_FEATURES.get(k, "")) for k, age in enumerate(ages)]
    late = [
        (step, age, "" if feature == "bad-site" and chips < SITE_CAUSE_CHIPS_MIN else feature)
        for step, age, feature in LATE_PACKAGE_LOTS
    ]
    return [
        PackagePlan(f"C3P{number:04d}", chips, *stand)
        for number, stand in enumerate([*stands, *late], 1)
    ]


def chip_purchases(chip_count: int) -> list[PurchasePlan]:
    """Marvell chips: six lots, the last still at its incoming test."""
    count = max(4, chip_count // 30)
    stands = [("STOCK", 120.0), ("STOCK", 95.0), ("STOCK", 70.0), ("STOCK", 45.0), ("STOCK", 20.0)]
    return [
        PurchasePlan(
            f"M2L{number:03d}", "TRN2", "B", "MRVL", "odm1", count, *stand, number == LATE_NOTICE
        )
        for number, stand in enumerate([*stands, ("IST", 1.5)], 1)
    ]


def switch_purchases(chip_count: int) -> list[PurchasePlan]:
    """Two lots of switches, enough for every UltraServer that has them."""
    count = 2 + 2 * len(system_models(chip_count))
    return [
        PurchasePlan("NSL001", "NSW-1", "D", "MRVL", "odm1", count, "STOCK", 60.0),
        PurchasePlan("NSL002", "NSW-1", "D", "MRVL", "odm1", count, "STOCK", 18.0),
    ]


def system_purchases() -> list[PurchasePlan]:
    """Two lots of inference systems: one deployed, one soaking."""
    return [
        PurchasePlan("CSL001", "CS-SYS", "C", "CRBS", "ops", 3, "DEPLOY", 30.0),
        PurchasePlan("CSL002", "CS-SYS", "C", "CRBS", "ops", 2, "SOAK", 1.2),
    ]


def system_models(chip_count: int) -> list[Model]:
    """What is built from the chips in stock: UltraServers in turn, or one server if too few."""
    wanted = max(1, round(4 * chip_count / FULL_CHIPS))
    if chip_count < ULTRASERVER_CHIPS_MIN:
        return [LONE]
    return [
        US144 if number % 2 and chip_count > FULL_CHIPS / 3 else US64 for number in range(wanted)
    ]
