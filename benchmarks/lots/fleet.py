"""A deployed fleet, filled in by COPY: whole lots, units, edges, racks and placements.

One group is four wafer lots of 25 wafers with 64 dies: 3,200 chips, mixed over 1,600 sleds, in 50
UltraServers of four servers, each in a rack of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from psycopg import sql

from lots.models import Product, RouteVersion, Step, Supplier
from lots.selectors.ledger import head_seq
from racks.models import Hall, Site

WAFER_LOTS = 4
WAFERS, DIES_A_WAFER = 25, 64
DIES = WAFER_LOTS * WAFERS * DIES_A_WAFER
CHIPS, SLEDS, SERVERS, SYSTEMS = DIES // 2, DIES // 4, DIES // 32, DIES // 128
UNITS = DIES + CHIPS + SLEDS + SERVERS + SYSTEMS
EDGES = DIES + CHIPS + SLEDS + SERVERS
LOTS = 2 * WAFER_LOTS + 3
FIRST = 10_000_000
T0 = "2026-01-01T00:00:00+00:00"
NEXT_ID = "SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}"
TABLES = [
    "lots_lot", "lots_wafer", "lots_unit", "lots_genealogy", "lots_event", "lots_eventline",
    "racks_rack", "racks_rackposition", "racks_rackplacement", "racks_slot", "racks_placement",
]  # fmt: skip
COLUMNS = {
    "lots_lot": "id, code, kind, purpose, is_hot, product_id, route_version_id, step_id, "
    "step_entered_at, custodian_id, state, unit_of_measure, quantity, started_at, customer, "
    "version, is_pilot, equipment, rework_attempt",
    "lots_event": "id, seq, op_key, body_sha256, verb, lot_id, source, source_reference, "
    "request_id, reason, comment, payload, previous_sha256, sha256, occurred_at",
    "lots_eventline": "id, event_id, lot_id, unit_of_measure, kind, quantity",
    "lots_wafer": "id, code, lot_id, number, is_scrapped, is_diced",
    "lots_unit": "id, serial, kind, product_id, lot_id, wafer_id, x, y, state, trust, "
    "declared_lot, declared_wafer, created_by_id",
    "lots_genealogy": "id, parent_id, child_id, position, valid_from, opened_by_id",
    "racks_rack": "id, serial, name",
    "racks_rackposition": 'id, hall_id, code, "row", "column"',
    "racks_rackplacement": "id, rack_id, position_id, valid_from",
    "racks_slot": "id, rack_id, number, kind",
    "racks_placement": "id, unit_id, slot_id, valid_from, source_reference",
}

Rows = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Ids of the reference rows that every group names. products: by code; steps: by code."""

    products: dict[str, int]
    steps: dict[str, tuple[int, int]]
    suppliers: dict[str, int]
    hall_id: int


def fill(groups: int, first: int = 0) -> None:
    """Groups from first on, one COPY a table and group, without foreign keys meanwhile."""
    catalogue = read_catalogue()
    seq = head_seq()
    with without_checks():
        for group in range(first, first + groups):
            rows = rows_of(group, catalogue, seq + (group - first) * LOTS)
            for table, lines in rows.items():
                copy(table, lines)
    with connection.cursor() as cursor:
        for table in TABLES:
            if table != "lots_event":
                cursor.execute(sql.SQL(NEXT_ID).format(sql.Literal(table), sql.Identifier(table)))
        cursor.execute("UPDATE lots_ledgerhead SET seq = (SELECT max(seq) FROM lots_event)")
        cursor.execute("VACUUM ANALYZE")


def read_catalogue() -> Catalogue:
    """After load_reference; makes the one hall that all racks stand in."""
    site, _ = Site.objects.get_or_create(code="BENCH", defaults={"name": "Benchmark"})
    hall, _ = Hall.objects.get_or_create(site=site, code="H1")
    versions = RouteVersion.objects.filter(route__code__in=["A", "E"])
    steps = Step.objects.filter(route_version__in=versions)
    return Catalogue(
        products=dict(Product.objects.values_list("code", "id")),
        steps={step.code: (step.pk, step.route_version_id) for step in steps},
        suppliers=dict(Supplier.objects.values_list("code", "id")),
        hall_id=hall.pk,
    )


@contextmanager
def without_checks() -> Iterator[None]:
    """Foreign keys and triggers away, and back afterwards, checked as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])",
            [TABLES],
        )
        keys: Sequence[tuple[str, str, str]] = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def copy(table: str, lines: Sequence[str]) -> None:
    """Lines of COPY's text form."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as stream,
    ):
        stream.write("".join(f"{line}\n" for line in lines))


def rows_of(group: int, catalogue: Catalogue, seq: int) -> Rows:
    """Everything of one group, as lines a table."""
    rows: Rows = {table: [] for table in TABLES}
    lots = FIRST + group * LOTS
    add_lots(rows, group, lots, catalogue, seq)
    add_wafers(rows, group, lots)
    add_units(rows, group, lots, catalogue)
    add_edges(rows, group, lots)
    add_racks(rows, group, catalogue)
    return rows


def add_lots(rows: Rows, group: int, lots: int, catalogue: Catalogue, seq: int) -> None:
    """Four wafer lots, four of packages, one each of sleds, servers and UltraServers."""
    kinds = [
        *[("W", "wafer", "TRN3-DIE", "DICE", "die", 0, "finished")] * WAFER_LOTS,
        *[("P", "assembly", "TRN3", "STOCK", "package", 0, "finished")] * WAFER_LOTS,
        ("S", "system", "TRN3-SLED", "SLED", "sled", 0, "finished"),
        ("V", "system", "TRN3-SRV16", "SERVER", "server", 0, "finished"),
        ("U", "system", "TRN3-US64", "ACCEPT", "ultraserver", SYSTEMS, "active"),
    ]
    for number, (mark, kind, product, step, unit, quantity, state) in enumerate(kinds):
        lot, code = lots + number, f"F{group:05d}{mark}{number}"
        step_id, version_id = catalogue.steps[step]
        rows["lots_lot"].append(
            f"{lot}\t{code}\t{kind}\tproduction\tf\t{catalogue.products[product]}\t{version_id}\t"
            f"{step_id}\t{T0}\t{catalogue.suppliers['OPS']}\t{state}\t{unit}\t{quantity}\t{T0}\t"
            f"Customer {group % 7}\t1\tf\t\t0"
        )
        event = event_id(lot)
        rows["lots_event"].append(
            f"{event}\t{seq + number + 1}\tfleet:{lot}\t{'0' * 64}\treceive\t{lot}\tsystem\t\t\t\t"
            f"\t{{}}\t{'0' * 64}\t{'0' * 64}\t{T0}"
        )
        for line, side in enumerate(("in", "good")):
            rows["lots_eventline"].append(
                f"{FIRST + 2 * (lot - FIRST) + line}\t{event}\t{lot}\t{unit}\t{side}\t{quantity}"
            )


def event_id(lot: int) -> UUID:
    """Of the one event that a lot of the fleet has."""
    return UUID(int=lot)


def add_wafers(rows: Rows, group: int, lots: int) -> None:
    """25 a wafer lot."""
    for number in range(WAFER_LOTS * WAFERS):
        lot, wafer = divmod(number, WAFERS)
        pk = FIRST + group * WAFER_LOTS * WAFERS + number
        code = f"F{group:05d}W{lot}-{wafer + 1:02d}"
        rows["lots_wafer"].append(f"{pk}\t{code}\t{lots + lot}\t{wafer + 1}\tf\tt")


def add_units(rows: Rows, group: int, lots: int, catalogue: Catalogue) -> None:
    """Dies first, then what is built of them, level by level."""
    lines, unit = rows["lots_unit"], FIRST + group * UNITS
    rest = "good\tseen\t\t"
    product = catalogue.products["TRN3-DIE"]
    for number in range(DIES):
        wafer, die = divmod(number, DIES_A_WAFER)
        lot, y, x = lots + wafer // WAFERS, *divmod(die, 8)
        serial = f"F{group:05d}W{wafer // WAFERS}-{wafer % WAFERS + 1:02d}:{x}:{y}"
        wafer_id = FIRST + group * WAFER_LOTS * WAFERS + wafer
        lines.append(
            f"{unit + number}\t{serial}\tdie\t{product}\t{lot}\t{wafer_id}\t{x}\t{y}\t{rest}\t"
            f"{event_id(lot)}"
        )
    unit += DIES
    for mark, kind, code, count, first in [
        ("P", "package", "TRN3", CHIPS, WAFER_LOTS),
        ("S", "sled", "TRN3-SLED", SLEDS, 2 * WAFER_LOTS),
        ("V", "server", "TRN3-SRV16", SERVERS, 2 * WAFER_LOTS + 1),
        ("U", "ultraserver", "TRN3-US64", SYSTEMS, 2 * WAFER_LOTS + 2),
    ]:
        product = catalogue.products[code]
        for number in range(count):
            lot = lots + first + (number % WAFER_LOTS if mark == "P" else 0)
            lines.append(
                f"{unit + number}\tF{group:05d}{mark}{number:04d}\t{kind}\t{product}\t{lot}\t"
                f"\\N\t\\N\t\\N\t{rest}\t{event_id(lot)}"
            )
        unit += count


def add_edges(rows: Rows, group: int, lots: int) -> None:
    """A package takes two dies of one wafer lot; its neighbours in the sled are of another."""
    unit, lines = FIRST + group * UNITS, rows["lots_genealogy"]
    packages, sleds, servers = unit + DIES, unit + DIES + CHIPS, unit + DIES + CHIPS + SLEDS
    systems = servers + SERVERS
    a_lot = WAFERS * DIES_A_WAFER
    pairs: list[tuple[int, int, int]] = []
    for number in range(CHIPS):
        first = number % WAFER_LOTS * a_lot + number // WAFER_LOTS * 2
        pairs += [(packages + number, unit + first + die, die) for die in range(2)]
    pairs += [(sleds + n // 2, packages + n, n % 2) for n in range(CHIPS)]
    pairs += [(servers + n // 8, sleds + n, n % 8) for n in range(SLEDS)]
    pairs += [(systems + n // 4, servers + n, n % 4) for n in range(SERVERS)]
    event = event_id(lots + LOTS - 1)
    edge = FIRST + group * EDGES
    lines += [
        f"{edge + number}\t{parent}\t{child}\tP{place}\t{T0}\t{event}"
        for number, (parent, child, place) in enumerate(pairs)
    ]


def add_racks(rows: Rows, group: int, catalogue: Catalogue) -> None:
    """A rack for each UltraServer; its servers in slots 1 to 4."""
    servers = FIRST + group * UNITS + DIES + CHIPS + SLEDS
    for number in range(SYSTEMS):
        rack = FIRST + group * SYSTEMS + number
        rows["racks_rack"].append(f"{rack}\tF{group:05d}R{number:02d}\t")
        rows["racks_rackposition"].append(
            f"{rack}\t{catalogue.hall_id}\t{group}-{number}\tR{group}\t{number}"
        )
        rows["racks_rackplacement"].append(f"{rack}\t{rack}\t{rack}\t{T0}")
        for place in range(4):
            slot = FIRST + (group * SYSTEMS + number) * 4 + place
            rows["racks_slot"].append(f"{slot}\t{rack}\t{place + 1}\tcompute")
            rows["racks_placement"].append(
                f"{slot}\t{servers + number * 4 + place}\t{slot}\t{T0}\tbenchmark"
            )
