"""What a revaluation leaves out or refuses, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from finance.domain.words import LeftOutReason
from finance.domain.write_downs import LotOrder, WriteDownOrder
from finance.models import Revaluation, StandardCost
from finance.selectors import revaluations
from finance.selectors.revaluations import stock_lines
from finance.services import (
    approve_revaluation,
    approve_write_down,
    post_events,
    prepare_revaluation,
    prepare_write_down,
    try_revaluation,
)
from finance.tests.line import START, command, moved, scrapped
from finance.tests.revaluing import DAY, ORDER, costs, person, stock
from finance.tests.test_write_downs import assert_whole, carried
from lots.models import Lot, Step, Supplier
from lots.services import receive_shipment, ship_lot
from supplychain.base.errors import MissingError, RefusedError, StaleError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "books", "lot")]
LATER = date(2026, 3, 3)


@pytest.fixture
def lot(books: None) -> Lot:
    return stock()


@pytest.fixture
def ann(books: None) -> User:
    return person("ann", "writedown")


@pytest.fixture
def bob(books: None) -> User:
    return person("bob", "writedown")


def left_out(ann: User, **change: Any) -> dict[str, LeftOutReason]:
    tried = try_revaluation(order=replace(ORDER, **change), preparer=ann)
    return {line.lot: line.left_out for line in tried.lines if line.left_out}


def written_down(lot: str, to: int, ann: User, bob: User) -> None:
    order = WriteDownOrder(DAY, "obsolete", "Offer", (LotOrder(lot, to=Decimal(to)),))
    document = prepare_write_down(order=order, key=f"{lot}-{to}", preparer=ann)
    approve_write_down(document=document, approver=bob)


def test_a_written_down_lot_is_not_written_up(ann: User, bob: User) -> None:
    written_down("W1", 30000, ann, bob)
    assert left_out(ann) == {"W1": LeftOutReason.WRITTEN_DOWN}
    document = prepare_revaluation(order=ORDER, key="one", preparer=ann)
    approve_revaluation(document=document, approver=bob)
    assert (carried("W1"), carried("M1")) == (Decimal(30000), Decimal(10395))
    assert_whole()


def test_a_written_down_lot_is_lowered_to_a_standard_below(ann: User, bob: User) -> None:
    written_down("W1", 40000, ann, bob)
    document = prepare_revaluation(order=ORDER, key="one", preparer=ann)
    approve_revaluation(document=document, approver=bob)
    assert carried("W1") == Decimal(36540)
    moved(Lot.objects.get(code="W1"), "CP2", "DICE")
    post_events()
    assert carried("W1") == 2 * Decimal("19170.00")
    assert_whole()


def test_a_lot_written_down_since_is_refused(ann: User, bob: User) -> None:
    document = prepare_revaluation(order=ORDER, key="one", preparer=ann)
    written_down("W1", 30000, ann, bob)
    with pytest.raises(StaleError, match="Lots W1 were written down since"):
        approve_revaluation(document=document, approver=bob)


def test_a_lot_with_events_not_posted_is_left_out(ann: User, lot: Lot) -> None:
    scrapped(lot, "handling", wafers=(1,))
    assert left_out(ann) == {"W1": LeftOutReason.NOT_POSTED}


def test_a_lot_with_later_lines_is_left_out(ann: User, lot: Lot) -> None:
    later = command(at=START.replace(day=4))
    ship_lot(lot=lot, to=Supplier.objects.get(code="ODM1"), customer="", command=later)
    post_events()
    assert left_out(ann) == {"W1": LeftOutReason.MOVED_LATER}
    assert left_out(ann, effective_on=date(2026, 3, 4)) == {}


def test_a_lot_that_moved_after_the_day_since_is_refused(ann: User, bob: User, lot: Lot) -> None:
    document = prepare_revaluation(order=ORDER, key="one", preparer=ann)
    costs("STD-NEXT", LATER, "0.5")
    order = replace(ORDER, version="STD-NEXT", effective_on=LATER, item="TRN3-DIE")
    other = prepare_revaluation(order=order, key="two", preparer=ann)
    approve_revaluation(document=other, approver=bob)
    with pytest.raises(StaleError, match="Lots W1, W2 have moved after the day"):
        approve_revaluation(document=document, approver=bob)
    assert left_out(ann) == {
        "W1": LeftOutReason.MOVED_LATER, "W2": LeftOutReason.MOVED_LATER,
    }  # fmt: skip


def test_units_in_dispute_are_left_out(ann: User) -> None:
    away = Lot.objects.get(code="W2")
    receive_shipment(
        lot=away,
        custodian=Supplier.objects.get(code="ODM1"),
        to_step=Step.objects.get(route_version=away.route_version_id, code="CP1"),
        counted_quantity=0,
        command=command(),
    )
    post_events()
    assert left_out(ann) == {"W2": LeftOutReason.IN_DISPUTE}


def test_stock_without_a_cost_is_left_out(ann: User, bob: User) -> None:
    version = costs("STD-NEXT", LATER, "0.5", is_approved=False)
    StandardCost.objects.filter(version=version, item__code="TRN2").delete()
    version.approved_by, version.approved_at = bob, "2026-03-02T00:00:00Z"
    version.save()
    order = replace(ORDER, version="STD-NEXT", effective_on=LATER)
    document = prepare_revaluation(order=order, key="one", preparer=ann)
    approve_revaluation(document=document, approver=bob)
    [line] = [line for line in stock_lines(document) if line.left_out]
    assert (line.lot, line.standard, line.left_out) == ("M1", None, LeftOutReason.NO_COST)
    assert carried("M1") == Decimal(11550)


def test_stock_that_is_all_left_out_says_so(ann: User, bob: User) -> None:
    written_down("W1", 30000, ann, bob)
    order = replace(ORDER, stage="bumped-wafer", custodian="OSAT1")
    with pytest.raises(RefusedError, match="or is left out: 1 written down"):
        prepare_revaluation(order=order, key="one", preparer=ann)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"version": "NOPE"}, MissingError, "no cost version NOPE"),
        ({"version": "STD-2024"}, RefusedError, "STD-NEW is in force"),
        ({"effective_on": date(2026, 3, 1)}, RefusedError, "applies from 2026-03-02"),
        ({"effective_on": date(2199, 1, 1)}, RefusedError, "has not come yet"),
        ({"item": "NOPE"}, MissingError, "no item NOPE"),
        ({"stage": "NOPE"}, MissingError, "no stage NOPE"),
        ({"custodian": "NOPE"}, MissingError, "no custodian NOPE"),
        ({"stage": "rack"}, RefusedError, "carried at the standard"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    ann: User, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        prepare_revaluation(order=replace(ORDER, **change), key="one", preparer=ann)
    assert not Revaluation.objects.exists()


def test_a_version_that_waits_is_refused(ann: User) -> None:
    costs("STD-DRAFT", DAY, "0.5", is_approved=False)
    with pytest.raises(RefusedError, match="STD-DRAFT is not approved"):
        try_revaluation(order=replace(ORDER, version="STD-DRAFT"), preparer=ann)


def test_a_newer_version_approved_since_is_refused(ann: User, bob: User) -> None:
    order = replace(ORDER, effective_on=LATER)
    document = prepare_revaluation(order=order, key="one", preparer=ann)
    costs("STD-NEXT", LATER, "0.5")
    with pytest.raises(RefusedError, match="STD-NEXT is in force"):
        approve_revaluation(document=document, approver=bob)


def test_more_stock_than_one_looks_at_is_refused(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revaluations, "POSITIONS_MAX", 2)
    with pytest.raises(RefusedError, match="more than 2 lots in places"):
        try_revaluation(order=ORDER, preparer=ann)


def test_only_lots_that_are_asked_for_are_looked_at_for_later_lines() -> None:
    assert revaluations.lots_apart({"W1"}, date(2000, 1, 1)).moved == {"W1"}
    assert revaluations.lots_apart((), date(2000, 1, 1)).moved == set()
