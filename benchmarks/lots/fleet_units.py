"""Units of a fleet, what stands in what, and the racks they are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from benchmarks.lots import fleet_lots
from benchmarks.lots.fleet_rows import (
    CHIPS,
    DIES,
    DIES_A_LOT,
    DIES_A_WAFER,
    EDGES,
    FIRST,
    HBM_A_CHIP,
    RACKS,
    SITES,
    SLOTS,
    WAFER_LOTS,
    WAFERS,
    Catalogue,
    Group,
    Rows,
    born_by,
    cut_by,
)

SERVERS_A_RACK = {False: 4, True: 18}
NULL = r"\N"
NOWHERE = f"{NULL}\t{NULL}\t{NULL}"


Pair = tuple[int, int, str, UUID]
"""What holds, what is in it, where, and the event that built it in."""


def add(rows: Rows, group: Group, catalogue: Catalogue, times: Mapping[UUID, datetime]) -> None:
    """Dies first, then what is built of them, level by level. times: of each event."""
    _add_wafers(rows, group)
    _add_dies(rows, group, catalogue)
    deployed = group.deployed
    packages = group.packages
    _add_built(rows, group, catalogue, "P", packages, CHIPS)
    pairs: list[Pair] = []
    for number in range(CHIPS):
        first = number % WAFER_LOTS * DIES_A_LOT + number // WAFER_LOTS * 2
        event = packaged_by(group, number)
        pairs += [
            (packages + number, group.units + first + die, f"D{die}", event) for die in range(2)
        ]
    sleds_by, servers_by, systems_by = (
        born_by(group.lots + lot) for lot in (SLEDS_LOT, SERVERS_LOT, SYSTEMS_LOT)
    )
    if group.is_large:
        servers = packages + CHIPS
        systems = servers + deployed // 4
        switches = systems + deployed // 144
        _add_built(rows, group, catalogue, "V4", servers, deployed // 4)
        _add_built(rows, group, catalogue, "U144", systems, deployed // 144)
        _add_built(rows, group, catalogue, "N", switches, deployed // 72)
        pairs += _joined(packages, servers, deployed, 4, "P", servers_by)
        pairs += _joined(servers, systems, deployed // 4, 36, "S", systems_by)
        pairs += _joined(switches, systems, deployed // 72, 2, "N", systems_by)
        end = switches + deployed // 72
        server_count = deployed // 4
    else:
        sleds, servers = packages + CHIPS, packages + CHIPS + CHIPS // 2
        systems = servers + CHIPS // 16
        _add_built(rows, group, catalogue, "S", sleds, CHIPS // 2)
        _add_built(rows, group, catalogue, "V16", servers, CHIPS // 16)
        _add_built(rows, group, catalogue, "U64", systems, CHIPS // 64)
        pairs += _joined(packages, sleds, CHIPS, 2, "P", sleds_by)
        pairs += _joined(sleds, servers, CHIPS // 2, 8, "L", servers_by)
        pairs += _joined(servers, systems, CHIPS // 16, 4, "S", systems_by)
        end = systems + CHIPS // 64
        server_count = CHIPS // 16
    if group.has_stacks:
        _add_stacks(rows, group, catalogue, end)
        pairs += (
            (
                packages + number // HBM_A_CHIP,
                end + number,
                f"H{number % HBM_A_CHIP}",
                packaged_by(group, number // HBM_A_CHIP),
            )
            for number in range(CHIPS * HBM_A_CHIP)
        )
    _add_edges(rows, group, pairs, times)
    _add_racks(rows, group, catalogue, servers, server_count)


SLEDS_LOT, SERVERS_LOT, SYSTEMS_LOT, SWITCHES_LOT = range(3 * WAFER_LOTS, 3 * WAFER_LOTS + 4)
BUILT: dict[str, tuple[str, str, str, int | None]] = {
    "P": ("P", "package", "TRN3", None),
    "S": ("S", "sled", "TRN3-SLED", SLEDS_LOT),
    "V4": ("V", "server", "TRN3-SRV4", SERVERS_LOT),
    "V16": ("V", "server", "TRN3-SRV16", SERVERS_LOT),
    "U64": ("U", "ultraserver", "TRN3-US64", SYSTEMS_LOT),
    "U144": ("U", "ultraserver", "TRN3-US144", SYSTEMS_LOT),
    "N": ("N", "switch", "NSW-1", SWITCHES_LOT),
}


def _add_wafers(rows: Rows, group: Group) -> None:
    for number in range(WAFER_LOTS * WAFERS):
        lot, wafer = divmod(number, WAFERS)
        rows["lots_wafer"].append(
            f"{group.wafers + number}\t{group.name}W{lot}-{wafer + 1:02d}\t{group.lots + lot}\t"
            f"{wafer + 1}\tf\tt\n"
        )


def _add_dies(rows: Rows, group: Group, catalogue: Catalogue) -> None:
    lines, product, unit = rows["lots_unit"], catalogue.products["TRN3-DIE"], group.units
    for wafer in range(WAFER_LOTS * WAFERS):
        lot, number = divmod(wafer, WAFERS)
        serial = f"{group.name}W{lot}-{number + 1:02d}"
        middle = f"die\t{product}\t{group.lots + lot}\t{group.wafers + wafer}"
        tail = f"good\tseen\t\t\t{cut_by(group.lots + lot)}\n"
        lines += [
            f"{unit + die}\t{serial}:{die % 8}:{die // 8}\t{middle}\t{die % 8}\t{die // 8}\t{tail}"
            for die in range(DIES_A_WAFER)
        ]
        unit += DIES_A_WAFER


def _add_built(
    rows: Rows, group: Group, catalogue: Catalogue, what: str, first: int, count: int
) -> None:
    mark, kind, code, lot = BUILT[what]
    head = f"{kind}\t{catalogue.products[code]}"
    for number in range(count):
        own = group.unit_lot(number) if lot is None else group.lots + lot
        event = packaged_by(group, number) if lot is None else born_by(own)
        rows["lots_unit"].append(
            f"{first + number}\t{group.name}{mark}{number:04d}\t{head}\t{own}\t{NOWHERE}\t"
            f"{'good' if number < group.deployed else 'scrapped'}\tseen\t\t\t{event}\n"
        )


def _add_stacks(rows: Rows, group: Group, catalogue: Catalogue, first: int) -> None:
    """HBM as its vendor declares it: a serial, and a lot of theirs beside ours."""
    own = group.lots + fleet_lots.STACKS_LOT
    head = f"component\t{catalogue.products['HBM3E-36']}\t{own}\t{NOWHERE}\tgood\tdeclared"
    event = born_by(own)
    rows["lots_unit"] += [
        f"{first + number}\t{group.name}H{number:05d}\t{head}\tHBM{group.number}-{number // 800}\t"
        f"\t{event}\n"
        for number in range(CHIPS * HBM_A_CHIP)
    ]


def _joined(
    parts: int, wholes: int, count: int, each: int, place: str, event: UUID
) -> Iterable[Pair]:
    return ((wholes + n // each, parts + n, f"{place}{n % each}", event) for n in range(count))


def packaged_by(group: Group, package: int) -> UUID:
    """The assembly that a package came of, before half of its lot was split off."""
    return born_by(group.lots + WAFER_LOTS + package % WAFER_LOTS)


def _add_edges(
    rows: Rows, group: Group, pairs: Iterable[Pair], times: Mapping[UUID, datetime]
) -> None:
    edge = FIRST + group.number * EDGES
    rows["lots_genealogy"] += [
        f"{edge + number}\t{parent}\t{child}\t{place}\t{times[event].isoformat()}\t{event}\n"
        for number, (parent, child, place, event) in enumerate(pairs)
    ]


def _add_racks(
    rows: Rows, group: Group, catalogue: Catalogue, servers: int, server_count: int
) -> None:
    """Four servers a rack, which are an UltraServer; or 18, which are half of a large one."""
    each, at = SERVERS_A_RACK[group.is_large], group.at.isoformat()
    hall = catalogue.halls[group.number % SITES]
    for number in range(server_count // each):
        rack = FIRST + group.number * RACKS + number
        rows["racks_rack"].append(f"{rack}\t{group.name}R{number:02d}\t\n")
        rows["racks_rackposition"].append(
            f"{rack}\t{hall}\t{group.number}-{number}\tR{group.number}\t{number}\n"
        )
        rows["racks_rackplacement"].append(f"{rack}\t{rack}\t{rack}\t{at}\n")
        for place in range(each):
            slot = FIRST + group.number * SLOTS + number * each + place
            rows["racks_slot"].append(f"{slot}\t{rack}\t{place + 1}\tcompute\n")
            rows["racks_placement"].append(
                f"{slot}\t{servers + number * each + place}\t{slot}\t{at}\tbenchmark\n"
            )


assert CHIPS * (1 + HBM_A_CHIP) + DIES < EDGES
