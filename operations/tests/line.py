"""A small whole line for pages to show: wafers, tests, chips, an oven, servers in a rack."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from lots.domain.commands import (
    AssemblyOrder,
    Build,
    Command,
    DieOrder,
    HoldOrder,
    LotOrder,
    Part,
)
from lots.domain.words import (
    BinKind,
    HoldClass,
    LotKind,
    LotPurpose,
    Source,
    UnitKind,
    UnitOfMeasure,
)
from lots.models import Lot, Product, Step, Unit, Wafer
from lots.services import assemble_units, dice_lot, hold_lot, move_lot, receive_lot
from notices.domain.words import Severity
from quality.domain.findings import Evidence, Finding
from quality.models import Issue, Rule
from quality.services import raise_findings, summarise_owed
from racks.domain.words import ReadingKind
from racks.models import CoolantWindow, Rack
from racks.services import (
    CommissioningRecord,
    Measured,
    RackOrder,
    place_rack,
    place_unit,
    record_commissioning,
)
from testing.domain.records import (
    BinRecord,
    BurnInRecord,
    BurnInUnitRecord,
    LogLine,
    RunRecord,
    WaferRun,
)
from testing.domain.words import Outcome
from testing.models import BurnInRun
from testing.selectors import die_positions
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part as TestedPart
from testing.tests.builders import parts_of, readings_of

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BINS = (
    BinRecord(BinKind.HARD, 1, "good", passes=True),
    BinRecord(BinKind.HARD, 5, "open", passes=False),
    BinRecord(BinKind.HARD, 6, "leakage", passes=False),
    BinRecord(BinKind.HARD, 8, "speed", passes=False),
)
PLACES = [
    (x, y)
    for y in range(-4, 4)
    for x in range(-6, 6)
    if ((abs(x + 0.5) + 0.5) * 26) ** 2 + ((abs(y + 0.5) + 0.5) * 33) ** 2 <= 147**2
]
_keys = count(1)


@dataclass(frozen=True)
class Line:
    """What was made, by the names that tests use."""

    wafer_lot: Lot
    chip_lot: Lot
    server_lot: Lot
    rack: Rack
    burn_in: BurnInRun
    issue: Issue


def command(days_ago: float, **rest: object) -> Command:
    at = NOW - timedelta(days=days_ago)
    return Command(f"line:{next(_keys)}", at, Source.FEED, **rest)  # type: ignore[arg-type]


def step(route: str, code: str) -> Step:
    return Step.objects.get(route_version__route__code=route, code=code)


def move(lot: Lot, codes: str, days_ago: float, every: float = 1.0) -> Lot:
    for code in codes.split():
        move_lot(lot=lot, to_step=step("A", code), command=command(days_ago))
        days_ago -= every
    return Lot.objects.get(pk=lot.pk)


def wafer_lot(code: str, wafers: int, days_ago: float, due_on: date | None = None) -> Lot:
    order = LotOrder(
        code=code,
        kind=LotKind.WAFER,
        product_code="TRN3-DIE",
        route_code="A",
        step_code="START",
        custodian_code="TSMC",
        unit_of_measure=UnitOfMeasure.WAFER,
        quantity=wafers,
        wafers=tuple(range(1, wafers + 1)),
        due_on=due_on,
    )
    return receive_lot(order=order, command=command(days_ago)).lot


def switches(code: str, quantity: int) -> Lot:
    """A lot counted without serials."""
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="NSW-1",
        route_code="D",
        step_code="RCV",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.SWITCH,
        quantity=quantity,
    )
    return receive_lot(order=order, command=command(30)).lot


def sort_wafers(lot: Lot, step_code: str, days_ago: float, seed: int, edge: float = 0.3) -> None:
    """Dies fail at random, and more often at the edge."""
    chance = random.Random(seed)  # noqa: S311
    wafers = list(lot.wafers.order_by("number"))
    parts = []
    for index in range(len(wafers)):
        for x, y in PLACES:
            is_edge = abs(x + 0.5) > 4 or abs(y + 0.5) > 3
            is_bad = chance.random() < (0.2 + (edge if is_edge else 0))
            bad_bin = 5 if is_edge else chance.choice([5, 6, 6, 8])
            outcome = Outcome.FAIL if is_bad else Outcome.PASS
            hard_bin = bad_bin if is_bad else 1
            site = 1 + (x + y) % 2
            parts.append(
                TestedPart(place=(index, x, y), outcome=outcome, hard_bin=hard_bin, site=site)
            )
    record_run(
        run=run_record(lot, step(lot.route_version.route.code, step_code), parts, days_ago, wafers)
    )


def run_record(
    lot: Lot, at: Step, parts: list[TestedPart], days_ago: float, wafers: Sequence[Wafer] = ()
) -> RunRecord:
    started_at = NOW - timedelta(days=days_ago)
    return RunRecord(
        lot_id=lot.pk,
        step_id=at.pk,
        product_id=lot.product_id,
        program=f"{lot.product.code}_{at.code}",
        program_revision="r7",
        tester="UF3000-2",
        tester_model="93K",
        probe_card="PC-114" if wafers else "",
        load_board="" if wafers else "LB-7",
        sublot="",
        temperature_celsius=25.0,
        started_at=started_at,
        finished_at=started_at + timedelta(hours=3),
        is_partial=False,
        source_sha256=f"{next(_keys):064x}",
        source_name=f"{lot.code}_{at.code}.stdf",
        wafers=tuple(WaferRun(wafer.code, wafer.pk) for wafer in wafers),
        parts=parts_of(parts),
        parameters=(),
        readings=readings_of(parts, 0),
        bins=BINS,
    )


def dice(lot: Lot, days_ago: float) -> None:
    dies = [
        DieOrder(one.wafer_number, one.x, one.y, one.is_good)
        for found in die_positions(lot).values()
        for one in found
    ]
    product = Product.objects.get(code="TRN3-DIE")
    dice_lot(lot=lot, dies=dies, die_product=product, command=command(days_ago))


def build_chips(dies: list[Unit], chips: int, days_ago: float) -> Lot:
    builds = tuple(
        Build(
            f"T3-26-{number:05d}",
            (Part(dies[2 * number].serial, "D0"), Part(dies[2 * number + 1].serial, "D1")),
        )
        for number in range(chips)
    )
    order = AssemblyOrder("AQ17", "TRN3", "A", "COWOS", "OSAT1", builds)
    return assemble_units(order=order, command=command(days_ago)).lot


def build_servers(chips: list[Unit], servers: int, days_ago: float) -> Lot:
    builds = tuple(
        Build(
            f"SRV4-{number:04d}",
            tuple(Part(chips[4 * number + place].serial, f"C{place}") for place in range(4)),
        )
        for number in range(servers)
    )
    order = AssemblyOrder("SV03", "TRN3-SRV4", "E", "SERVER", "ODM1", builds)
    return assemble_units(order=order, command=command(days_ago)).lot


def final_test(lot: Lot, days_ago: float) -> None:
    serials = list(lot.units.order_by("id").values_list("serial", flat=True))
    parts = [
        TestedPart(
            part_id=serial,
            site=1 + index % 4,
            outcome=Outcome.FAIL if index == 3 else Outcome.PASS,
            hard_bin=8 if index == 3 else 1,
        )
        for index, serial in enumerate(serials)
    ]
    again = [TestedPart(part_id=serials[3], site=2)]
    record_run(run=run_record(lot, step("A", "FT-HOT"), [*parts, *again], days_ago))


def burn_in(lot: Lot, days_ago: float) -> BurnInRun:
    """Nine hours; the chamber is cold for the first, silent for a while, and slips once."""
    start = NOW - timedelta(days=days_ago)
    log = [
        LogLine(
            start + timedelta(minutes=minute),
            _celsius(minute),
            None if 300 <= minute <= 330 else 1.0,
        )
        for minute in range(0, 9 * 60 + 1, 5)
    ]
    units = tuple(
        BurnInUnitRecord(
            serial=serial,
            board=f"BIB-{1 + index // 8:02d}",
            socket=f"{index % 8 + 1:02d}",
            inserted_at=start,
            removed_at=start + timedelta(hours=9),
            outcome=Outcome.FAIL if index == 5 else Outcome.PASS,
        )
        for index, serial in enumerate(lot.units.order_by("id").values_list("serial", flat=True))
    )
    return record_burn_in(
        burn_in=BurnInRecord(
            lot_id=lot.pk,
            step_id=step("A", "BI").pk,
            oven="OVEN-4",
            started_at=start,
            finished_at=start + timedelta(hours=9),
            source_sha256=f"{next(_keys):064x}",
            units=units,
            log=tuple(log),
        )
    )


def _celsius(minute: int) -> float:
    if minute < 60:
        return 40.0 + minute * 1.4
    return 117.0 if 420 <= minute <= 440 else 125.0 + (minute % 7) * 0.3


def rack_with(servers: list[Unit], days_ago: float) -> Rack:
    at = NOW - timedelta(days=days_ago)
    rack = place_rack(
        order=RackOrder(
            site_code="PDX1",
            site_name="Portland 1",
            country="US",
            hall_code="H2",
            position_code="R04-12",
            row="R04",
            column=12,
            rack_serial="RK-0007",
            rack_name="UltraServer 7, left",
            slot_count=8,
            installed_at=at,
        )
    )
    for number, server in enumerate(servers, start=1):
        place_unit(unit=server, rack_serial=rack.serial, slot_number=number, at=at)
    fluid = CoolantWindow.objects.order_by("id").first()
    assert fluid is not None
    values = {
        ReadingKind.LEAK: 0.0,
        ReadingKind.FLOW: 9.0,
        ReadingKind.SUPPLY: 30.0,
        ReadingKind.RETURN: 39.5,
        ReadingKind.DEW_POINT: 14.0,
        ReadingKind.PRESSURE: 1.2,
    }
    record_commissioning(
        record=CommissioningRecord(
            rack_serial=rack.serial,
            fluid=fluid.fluid,
            started_at=at,
            finished_at=at + timedelta(hours=2),
            op_key=f"line:{next(_keys)}",
            readings=[Measured(kind, value, at) for kind, value in values.items()],
        )
    )
    return rack


def finding(lot: Lot, at: Step, title: str, severity: Severity = Severity.MAJOR) -> Finding:
    evidence = Evidence(
        statistic="final-yield",
        value=0.412,
        limit=0.548,
        n=1600,
        method="prediction limit",
        baseline=(lot.code,),
        dispersion=2.1,
        p_adjusted=0.0004,
        policy="last-v1",
        facts={
            "wafers": [{"wafer": 1, "final_ratio": 0.41}, {"wafer": 2, "final_ratio": 0.44}],
            "tester": "UF3000-2",
        },
    )
    return Finding(
        cause_key=f"line:{lot.code}:{title}",
        title=title,
        evidence=evidence,
        severity=severity,
        lot_id=lot.pk,
        step_id=at.pk,
    )


def build_line() -> Line:
    """Reference rows must be there."""
    lot = move(wafer_lot("W7Q1", 3, 200, date(2026, 2, 1)), "FAB WAT RCV BUMP CP1", 195, 25)
    sort_wafers(lot, "CP1", 68, seed=1)
    lot = move(lot, "CP2", 60)
    sort_wafers(lot, "CP2", 59, seed=1)
    lot = move(lot, "DICE", 57)
    dice(lot, 55)
    dies = list(lot.units.filter(kind=UnitKind.DIE, state="good").order_by("id"))
    chip_lot = build_chips(dies, 16, 40)
    chip_lot = move(chip_lot, "FT-HOT BI", 20, 2)
    final_test(chip_lot, 20)
    oven = burn_in(chip_lot, 18)
    chips = list(chip_lot.units.order_by("id"))
    server_lot = build_servers(chips[:8], 2, 10)
    rack = rack_with(list(server_lot.units.order_by("id")), 5)

    late = move(wafer_lot("W7Q2", 3, 150, date(2026, 2, 20)), "FAB WAT RCV BUMP CP1", 145, 28)
    sort_wafers(late, "CP1", 30, seed=2, edge=0.6)
    order = HoldOrder(HoldClass.QUALITY, "Edge ring at CP1")
    hold_lot(lot=late, order=order, command=command(3))
    wafer_lot("W7Q3", 25, 60)
    summarise_owed(now=NOW)
    rule = Rule.objects.get(detector="yield-below-limit")
    (issue, _) = raise_findings(
        rule=rule,
        findings=[
            finding(late, step("A", "CP1"), "Final yield 41.2 % at CP1, below its limit"),
            finding(lot, step("A", "CP1"), "Bin 5 above its limit", Severity.MINOR),
        ],
        now=NOW,
    )
    return Line(lot, chip_lot, server_lot, rack, oven, issue)


def engineering_lot(code: str) -> Lot:
    order = LotOrder(
        code=code,
        kind=LotKind.WAFER,
        product_code="TRN3-DIE",
        route_code="F",
        step_code="ENG",
        custodian_code="OPS",
        unit_of_measure=UnitOfMeasure.DIE,
        quantity=0,
        purpose=LotPurpose.ENGINEERING,
    )
    return receive_lot(order=order, command=command(1)).lot
