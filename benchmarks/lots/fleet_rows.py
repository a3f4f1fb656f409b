"""What the tables of a fleet are filled with: sizes, ids, columns and reference rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lots.models import Product, RouteVersion, Step, Supplier
from racks.models import Hall, Site
from testing.domain.words import EquipmentKind, ReleaseState
from testing.models import BurnInRequirement, Equipment, Program, ProgramRevision

WAFER_LOTS, WAFERS, DIES_A_WAFER = 4, 25, 64
DIES_A_LOT = WAFERS * DIES_A_WAFER
DIES = WAFER_LOTS * DIES_A_LOT
CHIPS = DIES // 2
LARGE_CHIPS = CHIPS // 144 * 144
HBM_A_CHIP = 4
LOTS, UNITS, EDGES, RACKS, SLOTS = 20, 30_000, 30_000, 50, 1_000
FIRST = 10_000_000
T0 = datetime(2024, 6, 3, tzinfo=UTC)
SPREAD_DAYS, STRIDE = 700, 37
SITES, TESTERS, OVENS, BOARDS, SOCKETS = 6, 20, 10, 10, 40

COLUMNS = {
    "lots_lot": "id, code, kind, purpose, is_hot, product_id, bill_id, route_version_id, step_id, "
    "step_entered_at, custodian_id, state, unit_of_measure, quantity, started_at, customer, "
    "version, is_pilot, equipment, rework_attempt",
    "lots_event": "id, seq, op_key, body_sha256, verb, lot_id, step_from_id, step_to_id, source, "
    "source_reference, request_id, reason, comment, payload, previous_sha256, sha256, "
    "occurred_at, recorded_at",
    "lots_eventline": "event_id, lot_id, unit_of_measure, kind, quantity, expected",
    "lots_materialuse": "event_id, lot_id, quantity",
    "lots_lotlineage": "parent_id, child_id, kind, event_id",
    "lots_wafer": "id, code, lot_id, number, is_scrapped, is_diced",
    "lots_unit": "id, serial, kind, product_id, lot_id, wafer_id, x, y, state, trust, "
    "declared_lot, declared_wafer, created_by_id",
    "lots_genealogy": "id, parent_id, child_id, position, valid_from, opened_by_id",
    "racks_rack": "id, serial, name",
    "racks_rackposition": 'id, hall_id, code, "row", "column"',
    "racks_rackplacement": "id, rack_id, position_id, valid_from",
    "racks_slot": "id, rack_id, number, kind",
    "racks_placement": "id, unit_id, slot_id, valid_from, source_reference",
    "testing_lotstep": "id, lot_id, step_id, revision, first_started_at, policy, insertion_count, "
    "unit_count, first_pass_count, final_pass_count, retested_count, recovered_count",
    "testing_run": "id, lot_step_id, revision_id, tester_id, source_sha256, source_name, sublot, "
    "started_at, finished_at, is_partial, rejected_count, insertion_count, unit_count, "
    "first_pass_count, final_pass_count",
    "testing_runwafer": "run_id, wafer_id, started_at, finished_at",
    "testing_unitresult": "run_id, lot_step_id, unit_id, unit_key, part_id, part_index, attempt, "
    "is_first, is_final, outcome, hard_bin, soft_bin, head, site, part_flag",
    "testing_burninrun": "id, lot_step_id, requirement_id, oven_id, source_sha256, started_at, "
    "finished_at, chargeable_hours",
    "testing_burninunit": "run_id, unit_id, board_id, socket, inserted_at, removed_at, "
    "chargeable_hours, outcome",
    "quality_yieldfigure": "lot_step_id, scope, scope_key, revision, policy, tested, first_passed, "
    "final_passed, retested, recovered, first_ratio, final_ratio, fail_bins, started_at, "
    "is_current",
}

Rows = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Group:
    """The ids and times of one group, all from its number."""

    number: int

    @property
    def is_large(self) -> bool:
        """Whether its chips are in UltraServers of 144."""
        return self.number % 4 == 3

    @property
    def has_stacks(self) -> bool:
        """Whether its HBM stacks have serials, as their vendor declares them."""
        return self.number % 8 == 0

    @property
    def deployed(self) -> int:
        return LARGE_CHIPS if self.is_large else CHIPS

    @property
    def name(self) -> str:
        return f"F{self.number:05d}"

    @property
    def at(self) -> datetime:
        """When its wafers start; groups lie all over the same time, however many there are."""
        return T0 + timedelta(days=self.number * STRIDE % SPREAD_DAYS, minutes=self.number)

    @property
    def lots(self) -> int:
        return FIRST + self.number * LOTS

    @property
    def units(self) -> int:
        return FIRST + self.number * UNITS

    @property
    def packages(self) -> int:
        return self.units + DIES

    @property
    def wafers(self) -> int:
        return FIRST + self.number * WAFER_LOTS * WAFERS

    def unit_lot(self, package: int) -> int:
        """The lot that a package, by its number, went on in; half of each was split off."""
        return self.lots + WAFER_LOTS + package % WAFER_LOTS + package // WAFER_LOTS % 2 * 4

    def packages_in(self, lot: int) -> list[tuple[str, int]]:
        """Serials and ids of the packages that went on in the lot."""
        return [
            (f"{self.name}P{package:04d}", self.packages + package)
            for package in range(CHIPS)
            if self.unit_lot(package) == lot
        ]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Ids of the reference rows that every group names, by code."""

    products: dict[str, int]
    bills: dict[str, int]
    steps: dict[tuple[str, str], Step]
    suppliers: dict[str, int]
    halls: list[int]
    testers: list[int]
    ovens: list[int]
    boards: list[int]
    revision: int
    requirement: int


def read_catalogue() -> Catalogue:
    """After load_reference; makes halls and equipment where they are missing."""
    versions = RouteVersion.objects.filter(route__code__in="ADE").select_related("route")
    steps = Step.objects.filter(route_version__in=versions).select_related("route_version__route")
    chip = Product.objects.get(code="TRN3")
    program, _ = Program.objects.get_or_create(code="TRN3-FT", product=chip)
    revision, _ = ProgramRevision.objects.get_or_create(
        program=program, revision="1", defaults={"state": ReleaseState.UNRELEASED}
    )
    window = {
        "hours": 24,
        "temperature_celsius_min": 100,
        "temperature_celsius_max": 130,
        "voltage_min": 0.9,
        "voltage_max": 1.1,
    }
    requirement, _ = BurnInRequirement.objects.get_or_create(
        product=chip, version=1, defaults=window
    )
    return Catalogue(
        products=dict(Product.objects.values_list("code", "id")),
        bills=dict(Product.objects.filter(bills__version=1).values_list("code", "bills")),
        steps={(step.route_version.route.code, step.code): step for step in steps},
        suppliers=dict(Supplier.objects.values_list("code", "id")),
        halls=[_hall(number) for number in range(SITES)],
        testers=_equipment(EquipmentKind.TESTER, "FLEET-T", TESTERS),
        ovens=_equipment(EquipmentKind.OVEN, "FLEET-O", OVENS),
        boards=_equipment(EquipmentKind.BURN_IN_BOARD, "FLEET-B", BOARDS),
        revision=revision.pk,
        requirement=requirement.pk,
    )


def _hall(number: int) -> int:
    site, _ = Site.objects.get_or_create(
        code=f"BENCH{number}", defaults={"name": f"Benchmark {number}", "country": "US"}
    )
    hall, _ = Hall.objects.get_or_create(site=site, code="H1")
    return hall.pk


def _equipment(kind: EquipmentKind, start: str, count: int) -> list[int]:
    made = [
        Equipment.objects.get_or_create(kind=kind, code=f"{start}{number:02d}")[0].pk
        for number in range(count)
    ]
    return sorted(made)


def born_by(lot: int) -> UUID:
    """The event by which a lot of the fleet came to be."""
    return UUID(int=lot)


def cut_by(lot: int) -> UUID:
    """The event by which a wafer lot became dies."""
    return UUID(int=lot + 2**64)
