"""Systems: chips become sleds, servers and UltraServers, which are shipped and placed in racks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.floor import Floor
from simulator.outbox import stamp
from simulator.racks import RackBuild, send_commissioning, send_rack
from simulator.schedule import SYSTEM_DAYS, entries_from

CHIPS_A_SLED = 2
SLEDS_A_SERVER = 8
CHIPS_A_SERVER = 4
START_AFTER = timedelta(hours=40)
BUILD_HOURS = 4.0


@dataclass(frozen=True, slots=True)
class Model:
    """What is built. rack_count: frames it takes; slot_count: of one; top: "" for none."""

    server: str
    top: str
    server_count: int
    has_sleds: bool
    switch_count: int
    rack_count: int
    slot_count: int
    is_liquid: bool

    @property
    def chip_count(self) -> int:
        """Chips in one."""
        each = CHIPS_A_SLED * SLEDS_A_SERVER if self.has_sleds else CHIPS_A_SERVER
        return each * self.server_count


US64 = Model("TRN3-SRV16", "TRN3-US64", 4, True, 0, 2, 4, False)
US144 = Model("TRN3-SRV4", "TRN3-US144", 36, False, 2, 2, 20, True)
LONE = Model("TRN3-SRV16", "", 1, True, 0, 1, 4, False)


@dataclass(slots=True)
class _Build:
    """One system while it is built. switches: serials from the switch lot that gives them."""

    floor: Floor
    model: Model
    number: int
    entries: dict[str, datetime]
    switches: tuple[str, ...]
    switch_lot: str
    lots: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Number as serials carry it."""
        return f"{self.number:02d}"


def take_chips(floor: Floor, count: int) -> tuple[list[str], list[str], datetime] | None:
    """Oldest chips in stock, the lots they come from, and when the last of them came; or None."""
    if sum(len(chips.serials) for chips in floor.stock) < count:
        return None
    taken: list[str] = []
    lots: list[str] = []
    ready_at = floor.stock[0].stocked_at
    for chips in sorted(floor.stock, key=lambda chips: (chips.stocked_at, chips.lot)):
        if len(taken) == count or not chips.serials:
            continue
        wanted = count - len(taken)
        taken += chips.serials[:wanted]
        del chips.serials[:wanted]
        lots.append(chips.lot)
        ready_at = max(ready_at, chips.stocked_at)
    return taken, lots, ready_at


def run_system(
    floor: Floor, model: Model, number: int, switches: tuple[str, Sequence[str]]
) -> bool:
    """Build one system from stock and bring it to its place; False when chips are wanting.

    switches: the lot they come from, and the serials, oldest first.
    """
    taken = take_chips(floor, model.chip_count)
    if taken is None:
        return False
    chips, sources, ready_at = taken
    step = "SLED" if model.has_sleds else "SERVER"
    rng = floor.rng("system", str(number))
    entries = entries_from(SYSTEM_DAYS, step, ready_at + START_AFTER, rng)
    switch_lot, serials = switches
    build = _Build(floor, model, number, entries, tuple(serials), switch_lot)
    if model.has_sleds:
        chips = _sleds(build, chips, sources)
        sources = [build.lots[-1]]
    servers = _servers(build, chips, sources)
    if model.top:
        _top(build, servers)
    _travel(build, servers)
    return True


def _sleds(build: _Build, chips: list[str], sources: list[str]) -> list[str]:
    parts = list(_groups(chips, CHIPS_A_SLED))
    serials = [f"SL3-{build.name}-{index:03d}" for index in range(1, len(parts) + 1)]
    builds = [
        (serial, [(f"chip-{n}", chip) for n, chip in enumerate(part, 1)])
        for serial, part in zip(serials, parts, strict=True)
    ]
    _assemble(build, ("L6", "TRN3-SLED", "SLED"), builds, sources)
    return serials


def _servers(build: _Build, parts: list[str], sources: list[str]) -> list[str]:
    size, word = (SLEDS_A_SERVER, "sled") if build.model.has_sleds else (CHIPS_A_SERVER, "chip")
    groups = list(_groups(parts, size))
    serials = [f"SV3-{build.name}-{index:02d}" for index in range(1, len(groups) + 1)]
    builds = [
        (serial, [(f"{word}-{n}", part) for n, part in enumerate(group, 1)])
        for serial, group in zip(serials, groups, strict=True)
    ]
    _assemble(build, ("L10", build.model.server, "SERVER"), builds, sources)
    return serials


def _top(build: _Build, servers: list[str]) -> None:
    parts = [(f"server-{n}", serial) for n, serial in enumerate(servers, 1)]
    parts += [(f"switch-{n}", serial) for n, serial in enumerate(build.switches, 1)]
    sources = [build.lots[-1], *([build.switch_lot] if build.switches else [])]
    serial = f"US3-{build.number:04d}"
    _assemble(build, ("L11", build.model.top, "RACK"), [(serial, parts)], sources)
    if build.entries["RACK"] <= build.floor.end_at:
        build.floor.figures["ultraservers"] += 1


def _assemble(
    build: _Build,
    what: tuple[str, str, str],
    builds: list[tuple[str, list[tuple[str, str]]]],
    sources: list[str],
) -> None:
    """Send one assembly report. what: level of assembly, product and step."""
    level, product, step = what
    floor, lot = build.floor, f"{level}-{build.name}"
    at = build.entries[step] + timedelta(hours=BUILD_HOURS)
    build.lots.append(lot)
    if at > floor.end_at:
        return
    words = {
        "event_id": floor.desk.number("odm1"),
        "occurred_at": stamp(at),
        "supplier": "ODM1",
        "lot": lot,
        "product": product,
        "route": "E",
        "step": step,
    }
    rows = [
        {**words, "serial": serial, "position": position, "part_serial": part}
        for serial, parts in builds
        for position, part in parts
    ]
    told_at = floor.desk.follows("odm1", lot, sources, at + timedelta(hours=3))
    floor.outbox.send_table("odm1", told_at, f"{lot}.assembly.csv", rows)
    floor.started(lot)


def _travel(build: _Build, servers: list[str]) -> None:
    """From the integrator's rack row to acceptance on site."""
    desk, entries, lot = build.floor.desk, build.entries, build.lots[-1]
    quantity = 1 if build.model.top else len(servers)
    for step in ("RACK", "LEAK", "RSOAK", "SHIP"):
        if step != "RACK" or not build.model.top:
            desk.move("odm1", lot, entries[step], step, quantity)
    leaves_at = entries["SHIP"] + timedelta(hours=8)
    desk.ship("odm1", lot, leaves_at, "OPS", quantity)
    desk.arrive("ops", lot, entries["PLACE"], "PLACE", quantity)
    _place(build, servers)
    for step in ("LOOP", "CLUSTER", "SSOAK", "ACCEPT"):
        desk.move("ops", lot, entries[step], step, quantity)


def _place(build: _Build, servers: list[str]) -> None:
    """Servers and switches into the slots of the frames, and the frames' coolant tried."""
    model, floor = build.model, build.floor
    share = -(-len(servers) // model.rack_count)
    for index, group in enumerate(_groups(servers, share)):
        switches = build.switches[index : index + 1]
        rack = RackBuild(
            f"RK3-{build.name}-{index + 1}",
            f"UltraServer {build.number}, frame {index + 1}" if model.top else "Single servers",
            "PDX1" if model.is_liquid else "IAD2",
            2 * build.number + index,
            model.slot_count,
            (*group, *switches),
            build.entries["PLACE"] + timedelta(hours=6 + index),
        )
        send_rack(floor, rack, build.lots[-1])
        if model.is_liquid:
            kilowatts = 4.8 * len(group) + 0.3 * len(switches)
            at = build.entries["LOOP"] + timedelta(hours=4 + 2 * index)
            send_commissioning(floor, rack, at, kilowatts)


def _groups(serials: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(serials), size):
        yield list(serials[start : start + size])
