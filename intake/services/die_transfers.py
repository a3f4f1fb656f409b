"""Dies carried from wafers into packages: built here, or checked against what was built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake.domain.errors import WaitingError
from intake.domain.maps.words import DieTransfer
from intake.models import WaferMap
from intake.services.wafer_maps import MapContradictionError, newest_map, wafer_by_code
from lots.domain.commands import AssemblyOrder, Build, Command, Part
from lots.domain.words import LotPurpose, UnitState
from lots.models import Genealogy, Lot, Unit, Wafer
from lots.services import assemble_units

Place = tuple[str, int, int]
ORDERED = ("product", "route", "step")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One package and its dies. Empty words are those the map does not say."""

    serial: str
    dies: tuple[DieTransfer, ...]
    supplier: str = ""
    lot: str = ""
    product: str = ""
    route: str = ""
    step: str = ""


def apply_transfer(*, transfer: Transfer, command: Command) -> None:
    """Build the package, or check it where it stands already.

    WaitingError for a wafer, a die or a lot that has not come; MapContradictionError for a die
    that is off the map, failed, or in another package.
    """
    dies = _dies(transfer)
    there = Unit.objects.exclude(state=UnitState.WITHDRAWN)
    package = there.filter(serial=transfer.serial).first()
    edges = Genealogy.objects.filter(child__in=list(dies.values()), valid_to__isnull=True)
    parents = dict(edges.values_list("child_id", "parent__serial"))
    _refuse_used_elsewhere(transfer, dies, parents)
    if package is not None:
        return _check(transfer, package, dies)
    _refuse_failed(transfer, dies)
    assemble_units(order=_order(transfer, dies), command=command)
    return None


def _dies(transfer: Transfer) -> dict[Place, Unit]:
    """Our dies behind the places named."""
    wafers = {code: wafer_by_code(code) for code in sorted({die.wafer for die in transfer.dies})}
    there = Unit.objects.exclude(state=UnitState.WITHDRAWN)
    units = there.filter(wafer__in=list(wafers.values()), x__in=[d.x for d in transfer.dies])
    found = {(unit.wafer_id, unit.x, unit.y): unit for unit in units}
    dies: dict[Place, Unit] = {}
    for die in transfer.dies:
        unit = found.get((wafers[die.wafer].pk, die.x, die.y))
        if unit is None:
            _refuse_unknown(transfer, die, wafers[die.wafer])
        else:
            dies[die.wafer, die.x, die.y] = unit
    return dies


def _refuse_unknown(transfer: Transfer, die: DieTransfer, wafer: Wafer) -> None:
    if not wafer.is_diced:
        raise WaitingError(f"Wafer {wafer.code} is not diced yet.", wafer=wafer.code)
    raise _contradiction(transfer, f"wafer {wafer.code} has no die at {die.x}, {die.y}")


def _refuse_used_elsewhere(
    transfer: Transfer, dies: Mapping[Place, Unit], parents: Mapping[int, str]
) -> None:
    for unit in dies.values():
        parent = parents.get(unit.pk, transfer.serial)
        if parent != transfer.serial:
            raise _contradiction(transfer, f"die {unit.serial} is in {parent} already")


def _refuse_failed(transfer: Transfer, dies: Mapping[Place, Unit]) -> None:
    """Failed by our own results, or by the newest map of its wafer."""
    failed = {unit.serial: unit.state for unit in dies.values() if unit.state != UnitState.GOOD}
    if failed:
        serial, state = next(iter(failed.items()))
        raise _contradiction(transfer, f"die {serial} is {state}")
    for wafer_id in {unit.wafer_id for unit in dies.values()}:
        drawn = newest_map(wafer_id) if wafer_id else None
        bad = _bad_places(drawn) if drawn else {}
        for unit in dies.values():
            if unit.wafer_id == wafer_id and (unit.x, unit.y) in bad:
                code = bad[unit.x, unit.y]
                raise _contradiction(transfer, f"die {unit.serial} has bin {code} in {drawn}")


def _bad_places(drawn: WaferMap) -> dict[tuple[int | None, int | None], str]:
    failing = {code for code, is_pass, _ in drawn.bins if not is_pass}
    return {(x, y): code for x, y, code in drawn.dies if code in failing}


def _check(transfer: Transfer, package: Unit, dies: Mapping[Place, Unit]) -> None:
    """A package that stands must hold exactly these dies."""
    edges = package.child_edges.filter(valid_to__isnull=True, child__wafer__isnull=False)
    holds = dict(edges.values_list("child_id", "child__serial"))
    named = {unit.pk: unit.serial for unit in dies.values()}
    if holds.keys() == named.keys():
        return
    only_here = sorted(holds[pk] for pk in holds.keys() - named.keys())
    only_there = sorted(named[pk] for pk in named.keys() - holds.keys())
    raise _contradiction(
        transfer,
        f"it stands here with {_listed(only_here)} that the map does not name, and without "
        f"{_listed(only_there)} that it does",
    )


def _listed(serials: Sequence[str]) -> str:
    return ", ".join(serials[:3]) or "nothing"


def _order(transfer: Transfer, dies: Mapping[Place, Unit]) -> AssemblyOrder:
    """Into the lot named, as it stands; a new lot needs product, route and step."""
    parts = tuple(Part(dies[die.wafer, die.x, die.y].serial, die.position) for die in transfer.dies)
    builds = (Build(transfer.serial, parts),)
    lots = Lot.objects.select_related("product", "step", "route_version__route", "custodian")
    lot = lots.filter(code=transfer.lot).first()
    if lot is not None:
        return AssemblyOrder(
            lot_code=lot.code,
            product_code=lot.product.code,
            route_code=lot.route_version.route.code,
            step_code=lot.step.code,
            custodian_code=lot.custodian.code,
            builds=builds,
            purpose=LotPurpose(lot.purpose),
        )
    missing = [name for name in ORDERED if not getattr(transfer, name)]
    if missing or not transfer.lot:
        raise WaitingError(
            f"There is no lot {transfer.lot or 'named'} yet, and the map gives no "
            f"{', '.join(missing) or 'lot'} for a new one. Report the lot, or give them in a "
            "mapping.",
            lot=transfer.lot,
        )
    return AssemblyOrder(
        lot_code=transfer.lot,
        product_code=transfer.product,
        route_code=transfer.route,
        step_code=transfer.step,
        custodian_code=transfer.supplier,
        builds=builds,
    )


def _contradiction(transfer: Transfer, what: str) -> MapContradictionError:
    return MapContradictionError(
        f"Package {transfer.serial}: {what}. Ask the sender; repair this row or drop it.",
        serial=transfer.serial,
    )
