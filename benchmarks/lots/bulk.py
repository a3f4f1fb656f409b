"""90,000 serials received, moved and assembled, against COPY of the rows that this leaves."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from benchmarks.lots.telling import tell
from lots.domain.commands import AssemblyOrder, Build, Command, LotOrder, Part
from lots.domain.words import LotKind, Source, UnitOfMeasure
from lots.models import Event, Genealogy, Lot, Step, Unit
from lots.services import assemble_units, load_reference, move_lot, receive_lot

SERIALS = 90_000
ROUNDS = 3
T0 = datetime(2026, 1, 1, tzinfo=UTC)
BOUND = "asked: 0.3 or more"

Row = tuple[Any, ...]


def main() -> None:
    """Print rows/s of both, and the ratio."""
    load_reference()
    served, floor = 0.0, 0.0
    for number in range(ROUNDS):
        begun = time.perf_counter()
        lots = by_service(f"BULK-{number}")
        served = max(served, rows_of(lots) / (time.perf_counter() - begun))
        floor = max(floor, copied(lots))
    tell(f"{SERIALS:,} serials received, moved, built in", served, floor, "rows/s", BOUND)


def by_service(code: str) -> list[Lot]:
    """A lot of packages that goes from receipt to a lot of sleds, two packages each."""
    serials = tuple(f"{code}-{number:06d}" for number in range(SERIALS))
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="TRN2",
        route_code="B",
        step_code="RCV",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=SERIALS,
        serials=serials,
    )
    packages = receive_lot(order=order, command=command(0)).lot
    stock = Step.objects.get(route_version=packages.route_version, code="STOCK")
    move_lot(lot=packages, to_step=stock, command=command(1))
    builds = tuple(
        Build(f"{code}-S{number:05d}", (Part(one, "P0"), Part(other, "P1")))
        for number, (one, other) in enumerate(zip(serials[::2], serials[1::2], strict=True))
    )
    sleds = AssemblyOrder(f"{code}-S", "TRN2-SLED", "E", "SLED", "ODM1", builds)
    return [packages, assemble_units(order=sleds, command=command(2)).lot]


def command(hours: int) -> Command:
    """A key of its own each time."""
    return Command(f"benchmark:{uuid4()}", T0 + timedelta(hours=hours), Source.SYSTEM)


def rows_of(lots: Sequence[Lot]) -> int:
    """Units and edges that the lots have."""
    edges = Genealogy.objects.filter(parent__lot__in=lots).count()
    return Unit.objects.filter(lot__in=lots).count() + edges


def copied(lots: Sequence[Lot]) -> float:
    """Rows a second when the same units and edges, under other names, are sent by COPY."""
    units = rows_under_new_ids(Unit, Unit.objects.filter(lot__in=lots))
    edges = rows_under_new_ids(Genealogy, Genealogy.objects.filter(parent__lot__in=lots))
    event = Event.objects.latest("seq").pk
    taken = Unit.objects.latest("id").pk
    moved = {row[0]: taken + number for number, row in enumerate(units, start=1)}
    names = [field.column for field in Unit._meta.concrete_fields]
    at = {name: position for position, name in enumerate(names)}
    copies = [
        replaced(row, {at["id"]: moved[row[0]], at["serial"]: f"{event}{row[at['serial']]}"[-80:]})
        for row in units
    ]
    links = [column.column for column in Genealogy._meta.concrete_fields]
    ends = {name: position for position, name in enumerate(links)}
    first = Genealogy.objects.latest("id").pk
    joined = [
        replaced(
            row,
            {
                ends["id"]: first + number,
                ends["parent_id"]: moved[row[ends["parent_id"]]],
                ends["child_id"]: moved[row[ends["child_id"]]],
            },
        )
        for number, row in enumerate(edges, start=1)
    ]
    return measured([(Unit, copies), (Genealogy, joined)])


def measured(tables: Sequence[tuple[Any, Sequence[Row]]]) -> float:
    """Rows a second of bare COPY, in a transaction that is taken back."""
    with transaction.atomic():
        begun = time.perf_counter()
        for model, rows in tables:
            copy(model, rows)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        taken = time.perf_counter() - begun
        transaction.set_rollback(True)
    return sum(len(rows) for _, rows in tables) / taken


def rows_under_new_ids(model: Any, rows: Any) -> list[Row]:
    """The rows in the order of their ids, every column."""
    names = [field.attname for field in model._meta.concrete_fields]
    return list(rows.order_by("id").values_list(*names))


def replaced(row: Row, values: dict[int, Any]) -> Row:
    """The row with these columns changed."""
    return tuple(values.get(position, value) for position, value in enumerate(row))


def copy(model: Any, rows: Iterable[Row]) -> None:
    """Nothing but COPY."""
    names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    with connection.cursor() as cursor:
        statement = f"COPY {model._meta.db_table} ({names}) FROM STDIN"
        with cursor.copy(statement) as stream:
            for row in rows:
                stream.write_row(row)
