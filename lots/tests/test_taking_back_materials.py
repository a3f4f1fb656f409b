"""What an assembly that never was had taken of parts without serials is in its lot again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lots.domain.commands import Material
from lots.domain.moments import Moment
from lots.domain.orders import Reissue, ReissueOrder
from lots.models import Lot
from lots.selectors.materials import links_now, materials_of
from lots.selectors.verifying import first_fault
from lots.services import reissue_material
from lots.tests.making import (
    T0,
    built,
    chip_order,
    command,
    die_lot,
    good_units,
    material_lot,
)
from lots.tests.test_taking_back import corrected, origin_of, stands
from supplychain.base.errors import ConflictError

pytestmark = pytest.mark.usefixtures("catalogue")


def material_build(lot: Lot, taken: int) -> Lot:
    order = chip_order("P1", good_units(lot)[:2])
    return built(replace(order, materials=(Material("HBM-1", taken),)))


def test_material_of_an_assembly_taken_back_is_in_its_lot_again() -> None:
    stacks = material_lot("HBM-1", 4)
    package = material_build(die_lot(wafers=1, dies=2), 4)
    done = corrected(origin_of(package))
    assert (stands(stacks), first_fault()) == ((4, "component", "active"), None)
    assert (materials_of(["P1-P0"]), list(links_now())) == ([], [])
    then = materials_of(["P1-P0"], Moment(seq=done.seq - 1))
    assert [(one.lot_code, one.quantity) for one in then] == [("HBM-1", 4)]
    assert materials_of(["P1-P0"], Moment(happened_by=T0)) == []


def test_material_is_known_of_both_assemblies_of_a_unit_built_twice() -> None:
    material_lot("HBM-1", 8)
    dies = die_lot(wafers=1, dies=2)
    done = corrected(origin_of(material_build(dies, 4)))
    material_build(dies, 4)
    assert [one.seq for one in materials_of(["P1-P0"])] == [done.seq + 1]
    then = materials_of(["P1-P0"], Moment(seq=done.seq - 1))
    assert [one.seq for one in then] == [done.seq - 1]


def test_an_assembly_told_anew_is_not_taken_back_and_one_taken_back_is_not_told_anew() -> None:
    material_lot("HBM-1", 8), material_lot("HBM-2", 8)
    package = material_build(die_lot(wafers=1, dies=2), 4)
    event = origin_of(package)
    order = ReissueOrder((Reissue("HBM-1", "HBM-2", 4),))
    told = reissue_material(event=event, order=order, command=command(reason="wrong-lot"))
    with pytest.raises(ConflictError, match=f"{told.seq} reissue. A reissue is not corrected"):
        corrected(event)


def test_an_assembly_taken_back_is_not_told_anew() -> None:
    material_lot("HBM-1", 8), material_lot("HBM-2", 8)
    event = origin_of(material_build(die_lot(wafers=1, dies=2), 4))
    done = corrected(event)
    order = ReissueOrder((Reissue("HBM-1", "HBM-2", 4),))
    with pytest.raises(ConflictError, match=f"corrected by event {done.seq}"):
        reissue_material(event=event, order=order, command=command(reason="wrong-lot"))
