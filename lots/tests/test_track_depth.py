"""How finely a step records what leaves a lot at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lots.domain.commands import LotOrder, Selection
from lots.domain.errors import QuantityError
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LotKind, UnitOfMeasure
from lots.models import Event, Lot, Product
from lots.services import bin_down, receive_lot, record_loss, scrap_units
from lots.services.tracking import track_in, track_out
from lots.tests.making import again, command, counted_lot, wafer_lot
from lots.tests.routing import released_route

pytestmark = pytest.mark.usefixtures("catalogue")

ONE = Selection(1)


def wafers_without_record() -> Lot:
    order = LotOrder(
        code="W9",
        kind=LotKind.WAFER,
        product_code="TRN3-DIE",
        route_code="A",
        step_code="CP1",
        custodian_code="TSMC",
        unit_of_measure=UnitOfMeasure.WAFER,
        quantity=3,
    )
    return receive_lot(order=order, command=command()).lot


def switches(depth: str, serials: tuple[str, ...] = ()) -> Lot:
    released_route("D", {"code": "RCV", "track_depth": depth}, {"code": "SFT"})
    return counted_lot(quantity=2, serials=serials)


@pytest.fixture(autouse=True)
def lesser(catalogue: None) -> None:
    """Something to bin switches down to."""
    Product.objects.create(code="NSW-2", name="Lesser switch", family="NeuronSwitch", kind="switch")


def worked(lot: Lot, lost: Selection) -> Event:
    track_in(lot=lot, command=command())
    loss = Loss("handling", lost)
    return track_out(lot=again(lot), order=TrackOutOrder(losses=(loss,)), command=command())


WAYS: dict[str, Callable[[Lot, Selection], Event]] = {
    "scrap": lambda lot, part: scrap_units(
        lot=lot, selection=part, command=command(reason="handling")
    ),
    "loss": lambda lot, part: record_loss(
        lot=lot, selection=part, command=command(reason="missing")
    ),
    "track-out": worked,
    "bin": lambda lot, part: bin_down(
        lot=lot,
        child_code="B1",
        product_code="NSW-2",
        selection=part,
        command=command(reason="speed"),
    ),
}


@pytest.mark.parametrize("way", ["scrap", "loss"])
def test_wafers_are_named_where_each_is_recorded(way: str) -> None:
    lot = wafer_lot(step="CP1")
    with pytest.raises(QuantityError, match=r"CP1 records every wafer.*the lot has 1, 2, 3"):
        WAYS[way](lot, ONE)
    WAYS[way](lot, Selection(wafers=(2,)))
    assert again(lot).quantity == 2


def test_wafers_without_record_are_lost_by_count() -> None:
    lot = wafers_without_record()
    WAYS["scrap"](lot, ONE)
    assert again(lot).quantity == 2


@pytest.mark.parametrize("way", WAYS)
def test_serials_are_named_where_each_unit_is_recorded(way: str) -> None:
    lot = switches("unit", ("S1", "S2"))
    with pytest.raises(QuantityError, match=r"RCV records every switch.*the lot has S1, S2"):
        WAYS[way](lot, ONE)


@pytest.mark.parametrize("depth", ["lot", "wafer", "unit"])
@pytest.mark.parametrize("way", ["scrap", "loss", "track-out"])
def test_a_count_will_do_where_nothing_has_a_serial(way: str, depth: str) -> None:
    lot = switches(depth)
    WAYS[way](lot, ONE)
    assert again(lot).quantity == 1


def test_a_named_serial_leaves() -> None:
    lot = switches("unit", ("S1", "S2"))
    worked(lot, Selection(serials=("S1",)))
    assert again(lot).quantity == 1
