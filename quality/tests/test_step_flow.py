"""What went into a step and what came out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lots.domain.commands import Selection
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LineKind, UnitOfMeasure, Verb
from lots.models import Event, Lot
from lots.services import (
    correct_event,
    load_reference,
    move_lot,
    record_bonus,
    record_loss,
    rework_in,
    rework_out,
    scrap_units,
    track_in,
    track_out,
)
from lots.tests.making import again, command, counted_lot, die_lot, step
from lots.tests.routing import released_route
from quality.domain.step_flow import FlowLine, StepFlow, flows_of
from quality.selectors.step_flow import step_flows, step_results

GONE = FlowLine(Verb.MOVE, 1, 2, UnitOfMeasure.DIE, LineKind.GOOD, 90, 90)


def lost(count: int, kind: LineKind = LineKind.SCRAP, *, counted: int | None = None) -> FlowLine:
    told = count if counted is None else counted
    return FlowLine(Verb.SCRAP, 1, None, UnitOfMeasure.DIE, kind, count, told)


def flow(*lines: FlowLine) -> StepFlow:
    return flows_of(lines)[1]


def test_what_went_on_and_what_was_lost_entered() -> None:
    told = flow(lost(4), lost(6, LineKind.LOSS), GONE)
    assert (told.entered, told.lost, told.ratio) == (100, 10, 0.9)


def test_what_does_not_count_never_entered() -> None:
    assert flow(lost(10, counted=0), GONE).entered == 90


def test_step_that_the_lot_is_still_at_has_no_flow() -> None:
    assert flows_of([lost(4), replace(GONE, step_to_id=1)]) == {}


def test_last_leaving_counts() -> None:
    assert flow(GONE, lost(2), replace(GONE, quantity=88)).left == 88


def test_found_again_is_not_lost() -> None:
    assert flow(lost(4), lost(3, LineKind.BONUS), GONE).lost == 1


def test_more_found_than_lost_is_no_negative_loss() -> None:
    assert flow(lost(1), lost(3, LineKind.BONUS), lost(2), GONE).lost == 2


def test_wafers_broken_before_the_saw_are_not_counted_as_dies() -> None:
    assert flow(replace(lost(1), unit_of_measure=UnitOfMeasure.WAFER), GONE).lost == 0


def test_units_reworked_twice_are_reworked_once() -> None:
    out = replace(GONE, verb=Verb.REWORK_OUT, step_to_id=7, quantity=95, counted=95)
    told = flow(out, replace(out, counted=40), GONE)
    assert (told.left, told.reworked, told.first_time_ratio) == (90, 90, 0.0)


def test_lot_away_on_rework_has_not_left_the_step() -> None:
    assert flows_of([replace(GONE, verb=Verb.REWORK_OUT)]) == {}


@pytest.fixture
def lot(catalogue: None) -> Lot:
    return counted_lot(quantity=10)


@pytest.fixture
def catalogue(db: None) -> None:
    load_reference()


def moved(lot: Lot, to: str = "SFT") -> Event:
    return move_lot(lot=again(lot), to_step=step("D", to), command=command(hours=9))


def first(lot: Lot) -> StepFlow:
    return step_results(lot.pk)[0].flow


def counts(lot: Lot) -> tuple[int, int, int]:
    told = first(lot)
    return told.entered, told.left, told.reworked


def test_loss_counts_by_its_reason(lot: Lot) -> None:
    one = Selection(quantity=1)
    record_loss(lot=lot, selection=one, command=command(hours=1, reason="missing"))
    record_loss(lot=again(lot), selection=one, command=command(hours=2, reason="test-reject"))
    moved(lot)
    assert counts(lot) == (9, 8, 0)


def test_scrap_used_as_a_monitor_does_not_count(lot: Lot) -> None:
    scrap_units(lot=lot, selection=Selection(quantity=2), command=command(reason="monitor"))
    moved(lot)
    assert counts(lot) == (8, 8, 0)


def test_corrected_scrap_is_not_lost(lot: Lot) -> None:
    wrong = scrap_units(
        lot=lot, selection=Selection(quantity=2), command=command(reason="handling")
    )
    correct_event(event=wrong, command=command(reason="another lot"))
    moved(lot)
    assert counts(lot) == (10, 10, 0)


def test_corrected_leaving_has_not_happened(lot: Lot) -> None:
    correct_event(event=moved(lot), command=command(hours=9, reason="another lot"))
    assert step_flows([lot.pk]) == {}


def test_recovered_units_make_good_what_was_lost(lot: Lot) -> None:
    three = Selection(quantity=3)
    record_loss(lot=lot, selection=three, command=command(hours=1, reason="test-reject"))
    record_bonus(lot=again(lot), quantity=2, command=command(hours=2, reason="recovered"))
    record_bonus(lot=again(lot), quantity=1, command=command(hours=3, reason="found"))
    moved(lot)
    assert counts(lot) == (11, 10, 0)


def test_losses_told_at_track_out_count_by_their_reasons(lot: Lot) -> None:
    track_in(lot=lot, command=command(hours=1))
    order = TrackOutOrder(
        losses=(
            Loss("handling", Selection(quantity=1)),
            Loss("monitor", Selection(quantity=2)),
            Loss("missing", Selection(quantity=1), LineKind.LOSS),
        ),
        bonus=1,
        bonus_reason="found",
    )
    track_out(lot=again(lot), order=order, command=command(hours=2))
    assert counts(lot) == (8, 7, 0)


def test_rework_counts_by_its_reason(lot: Lot) -> None:
    released_route("POLISH", {"code": "STRIP"}, is_rework=True)
    for hours, reason in ((1, "contact"), (3, "ball-defect")):
        rework_out(
            lot=again(lot),
            route_code="POLISH",
            step_code="STRIP",
            return_step_code="RCV",
            command=command(hours=hours, reason=reason),
        )
        rework_in(lot=again(lot), command=command(hours=hours + 1))
    moved(lot)
    assert counts(lot) == (10, 10, 10)
    assert (first(lot).ratio, first(lot).first_time_ratio) == (1.0, 0.0)


def test_dies_bad_on_the_wafer_are_not_lost_at_the_saw(catalogue: None) -> None:
    lot = die_lot(wafers=2, dies=4, bad=1)
    move_lot(lot=lot, to_step=step("A", "COWOS"), command=command(hours=9))
    told = {one.step.code: one.flow for one in step_results(lot.pk)}
    assert (told["DICE"].entered, told["DICE"].unit_of_measure) == (6, UnitOfMeasure.DIE)
