"""Lots of a fleet and the events that brought them where they are, chained as the service does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks.lots.fleet_rows import (
    CHIPS,
    DIES_A_LOT,
    HBM_A_CHIP,
    LARGE_CHIPS,
    WAFER_LOTS,
    WAFERS,
    Catalogue,
    Group,
    Rows,
    born_by,
    cut_by,
)
from lots.domain.balance import Holding, Line, lines_of
from lots.domain.chain import event_sha256
from lots.domain.words import LineKind, Source, UnitOfMeasure, Verb
from lots.models import Event, LedgerHead, Step
from lots.selectors.ledger import content_of

Changes = Mapping[LineKind, int]
PATH = ("FAB", "WAT", "RCV", "BUMP", "CP1", "CP2", "DICE")
TESTS = ("BI", "FT-COLD", "SLT", "SHIP", "STOCK")


@dataclass(slots=True)
class Going:
    """A lot on its way. held: by unit of measure."""

    id: int
    code: str
    kind: str
    product: str
    step: Step
    unit: UnitOfMeasure
    customer: str = ""
    state: str = "finished"
    custodian: str = "ODM1"
    version: int = 0
    started_at: datetime | None = None
    entered_at: datetime | None = None
    held: dict[UnitOfMeasure, int] = field(default_factory=dict)

    def holding(self, unit: UnitOfMeasure | None = None) -> Holding:
        """What it has before the next event."""
        unit = unit or self.unit
        return Holding(self.id, self.code, unit, self.held.get(unit, 0))


@dataclass(slots=True)
class Book:
    """Writes events behind the head, each a few hours after the one before. times: of each."""

    rows: Rows
    head: LedgerHead
    at: datetime
    times: dict[UUID, datetime] = field(default_factory=dict)

    def tell(
        self,
        verb: Verb,
        lot: Going,
        changes: Sequence[tuple[Going, UnitOfMeasure | None, Changes]],
        *,
        to: Step | None = None,
        pk: UUID | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> UUID:
        """One event over the lots of `changes`; its id."""
        lines = [
            line for one, unit, change in changes for line in lines_of(one.holding(unit), change)
        ]
        self.at += timedelta(hours=7)
        seq = self.head.seq + 1
        event = Event(
            id=pk or UUID(int=seq + 2**65), seq=seq, op_key=f"fleet:{seq}", verb=verb,
            body_sha256="0" * 64, lot_id=lot.id, source=Source.SYSTEM, payload=dict(payload or {}),
            step_from_id=lot.step.pk if lot.version else None,
            step_to_id=to.pk if to else None, previous_sha256=self.head.sha256,
            occurred_at=self.at, recorded_at=self.at + timedelta(hours=1),
        )  # fmt: skip
        event.sha256 = event_sha256(self.head.sha256, content_of(event, lines))
        self.head.seq, self.head.sha256 = seq, event.sha256
        self.times[event.id] = self.at
        self._write(event, lines)
        lot.step, lot.entered_at = to or lot.step, self.at if to else lot.entered_at
        lot.started_at = lot.started_at or self.at
        for one in {id(one): one for one, _, _ in changes}.values():
            one.version += 1
        for line in lines:
            if line.kind is LineKind.GOOD:
                held = next(one for one, _, _ in changes if one.id == line.lot_id)
                held.held[line.unit_of_measure] = line.quantity
        return event.id

    def _write(self, event: Event, lines: Sequence[Line]) -> None:
        self.rows["lots_event"].append(
            f"{event.id}\t{event.seq}\t{event.op_key}\t{event.body_sha256}\t{event.verb}\t"
            f"{event.lot_id}\t{event.step_from_id or NULL}\t{event.step_to_id or NULL}\t"
            f"{event.source}\t\t\t\t\t{json.dumps(event.payload)}\t{event.previous_sha256}\t"
            f"{event.sha256}\t{event.occurred_at.isoformat()}\t{event.recorded_at.isoformat()}\n"
        )
        self.rows["lots_eventline"] += [
            f"{event.id}\t{line.lot_id}\t{line.unit_of_measure}\t{line.kind}\t{line.quantity}\t"
            f"{NULL if line.expected is None else line.expected}\n"
            for line in lines
        ]

    def link(self, parents: Sequence[Going], child: Going, kind: str, event: UUID) -> None:
        """Ancestry of lots."""
        self.rows["lots_lotlineage"] += [
            f"{parent.id}\t{child.id}\t{kind}\t{event}\n" for parent in parents
        ]


NULL = r"\N"
STACKS_LOT = 3 * WAFER_LOTS + 4


def add(
    rows: Rows, group: Group, catalogue: Catalogue, head: LedgerHead
) -> Mapping[UUID, datetime]:
    """Wafer lots, their packages, split in two, and what is built of them, to the customer.

    Event → when it happened.
    """
    book = Book(rows, head, group.at)
    wafers = [_wafer_lot(book, group, catalogue, number) for number in range(WAFER_LOTS)]
    stacks = [_stacks(book, group, catalogue)]
    packages = []
    for number, wafer in enumerate(wafers):
        packages += _packages(book, group, catalogue, number, wafer, stacks)
    systems = _systems(book, group, catalogue, packages)
    for lot in [*wafers, *stacks, *packages, *systems]:
        rows["lots_lot"].append(_lot_row(lot, group, catalogue))
    return book.times


def _wafer_lot(book: Book, group: Group, catalogue: Catalogue, number: int) -> Going:
    start = catalogue.steps["A", "START"]
    lot = Going(
        group.lots + number, f"{group.name}W{number}", "wafer", "TRN3-DIE", start,
        UnitOfMeasure.WAFER,
    )  # fmt: skip
    lot.held[UnitOfMeasure.WAFER], lot.custodian = WAFERS, "TSMC"
    payload = {"custodian": lot.custodian, "serials": 0}
    book.tell(Verb.RECEIVE, lot, [(lot, None, {})], to=start, pk=born_by(lot.id), payload=payload)
    for code in PATH:
        book.tell(Verb.MOVE, lot, [(lot, None, {})], to=catalogue.steps["A", code])
    cut: list[tuple[Going, UnitOfMeasure | None, Changes]] = [
        (lot, UnitOfMeasure.WAFER, {LineKind.CONSUMED: WAFERS}),
        (lot, UnitOfMeasure.DIE, {LineKind.PRODUCED: DIES_A_LOT}),
    ]
    book.tell(Verb.DICE, lot, cut, pk=cut_by(lot.id))
    lot.unit = UnitOfMeasure.DIE
    return lot


def _stacks(book: Book, group: Group, catalogue: Catalogue) -> Going:
    """HBM of a group: by lot and count alone, as most of it comes, or with serials."""
    lot = Going(
        group.lots + STACKS_LOT, f"{group.name}H", "part", "HBM3E-36",
        catalogue.steps["D", "STOCK"], UnitOfMeasure.COMPONENT, custodian="OSAT1",
    )  # fmt: skip
    lot.held[lot.unit] = CHIPS * HBM_A_CHIP
    serials = CHIPS * HBM_A_CHIP if group.has_stacks else 0
    payload = {"custodian": lot.custodian, "serials": serials, "trust": "declared"}
    book.tell(Verb.RECEIVE, lot, [(lot, None, {})], to=lot.step, pk=born_by(lot.id),
              payload=payload)  # fmt: skip
    return lot


def _packages(
    book: Book,
    group: Group,
    catalogue: Catalogue,
    number: int,
    wafer: Going,
    stacks: Sequence[Going],
) -> list[Going]:
    step, count = catalogue.steps["A", "COWOS"], CHIPS // WAFER_LOTS
    lot, child = (
        Going(group.lots + first + number, f"{group.name}P{number}{tail}", "assembly", "TRN3",
              step, UnitOfMeasure.PACKAGE)
        for first, tail in ((WAFER_LOTS, ""), (2 * WAFER_LOTS, "B"))
    )  # fmt: skip
    used = [(one, count * HBM_A_CHIP) for one in stacks]
    materials = [] if group.has_stacks else used
    _assemble(book, lot, [(wafer, DIES_A_LOT), *used], count, "OSAT1", materials)
    book.rows["lots_materialuse"] += [f"{born_by(lot.id)}\t{one.id}\t{n}\n" for one, n in materials]
    book.tell(Verb.MOVE, lot, [(lot, None, {})], to=catalogue.steps["A", "FT-HOT"])
    child.step, child.custodian, half = lot.step, lot.custodian, count // 2
    changes: list[tuple[Going, UnitOfMeasure | None, Changes]] = [
        (lot, None, {LineKind.SPLIT_OUT: half}),
        (child, None, {LineKind.MERGE_IN: half}),
    ]
    payload = {
        "child": child.code,
        "serials": [serial for serial, _ in group.packages_in(child.id)],
    }
    split = book.tell(Verb.SPLIT, lot, changes, pk=born_by(child.id), payload=payload)
    child.started_at, child.entered_at = lot.started_at, lot.entered_at
    book.link([lot], child, "split", split)
    for one in (lot, child):
        for code in TESTS:
            book.tell(Verb.MOVE, one, [(one, None, {})], to=catalogue.steps["A", code])
        if group.is_large:
            lost = (CHIPS - LARGE_CHIPS) // (2 * WAFER_LOTS)
            ids = [pk for _, pk in group.packages_in(one.id)][-lost:]
            scrapped = {LineKind.SCRAP: lost}
            book.tell(Verb.SCRAP, one, [(one, None, scrapped)], payload={"unit_ids": ids})
    return [lot, child]


def _assemble(
    book: Book,
    lot: Going,
    parts: Sequence[tuple[Going, int]],
    count: int,
    custodian: str,
    materials: Sequence[tuple[Going, int]] = (),
) -> None:
    changes: list[tuple[Going, UnitOfMeasure | None, Changes]] = [
        *((part, None, {LineKind.CONSUMED: used}) for part, used in parts),
        (lot, None, {LineKind.PRODUCED: count}),
    ]
    lot.custodian = custodian
    payload: dict[str, Any] = {"custodian": custodian, "builds": count}
    if materials:
        payload["materials"] = {one.code: used for one, used in materials}
    event = book.tell(Verb.ASSEMBLE, lot, changes, to=lot.step, pk=born_by(lot.id), payload=payload)
    book.link([part for part, _ in parts], lot, "assemble", event)


def _systems(
    book: Book, group: Group, catalogue: Catalogue, packages: Sequence[Going]
) -> list[Going]:
    """Sleds, servers and UltraServers; large ones without sleds, but with two switches each."""
    steps, first = catalogue.steps, group.lots + 3 * WAFER_LOTS
    sleds = Going(first, f"{group.name}S", "system", "TRN3-SLED", steps["E", "SLED"],
                  UnitOfMeasure.SLED)  # fmt: skip
    servers = Going(first + 1, f"{group.name}V", "system", "TRN3-SRV16", steps["E", "SERVER"],
                    UnitOfMeasure.SERVER)  # fmt: skip
    ultras = Going(first + 2, f"{group.name}U", "system", "TRN3-US64", steps["E", "ACCEPT"],
                   UnitOfMeasure.ULTRASERVER, f"Customer {group.number % 7}")  # fmt: skip
    each = group.deployed // len(packages)
    parts = [(lot, each) for lot in packages]
    if group.is_large:
        switches = Going(first + 3, f"{group.name}N", "part", "NSW-1", steps["D", "STOCK"],
                         UnitOfMeasure.SWITCH)  # fmt: skip
        servers.product, ultras.product = "TRN3-SRV4", "TRN3-US144"
        count = LARGE_CHIPS // 144
        switches.held[UnitOfMeasure.SWITCH] = 2 * count
        payload = {"custodian": "ODM1", "serials": 2 * count}
        book.tell(Verb.RECEIVE, switches, [(switches, None, {})], to=switches.step,
                  pk=born_by(switches.id), payload=payload)  # fmt: skip
        _assemble(book, servers, parts, LARGE_CHIPS // 4, "ODM1")
        above = [(servers, LARGE_CHIPS // 4), (switches, 2 * count)]
        made = [switches, servers, ultras]
    else:
        count = CHIPS // 64
        _assemble(book, sleds, parts, CHIPS // 2, "ODM1")
        _assemble(book, servers, [(sleds, CHIPS // 2)], CHIPS // 16, "ODM1")
        above, made = [(servers, CHIPS // 16)], [sleds, servers, ultras]
    _assemble(book, ultras, above, count, "ODM1")
    ultras.state = "shipped"
    book.tell(Verb.SHIP, ultras, [(ultras, None, {})], payload={"to": "OPS"})
    return made


def _lot_row(lot: Going, group: Group, catalogue: Catalogue) -> str:
    quantity = lot.held[lot.unit]
    state = lot.state if lot.state == "shipped" or not quantity else "active"
    started_at, entered_at = (
        (at or group.at).isoformat() for at in (lot.started_at, lot.entered_at)
    )
    return (
        f"{lot.id}\t{lot.code}\t{lot.kind}\tproduction\tf\t{catalogue.products[lot.product]}\t"
        f"{catalogue.bills.get(lot.product, NULL)}\t{lot.step.route_version_id}\t{lot.step.pk}\t"
        f"{entered_at}\t{catalogue.suppliers[lot.custodian]}\t"
        f"{state}\t{lot.unit}\t{quantity}\t{started_at}\t{lot.customer}\t{lot.version}\tf\t\t0\n"
    )
