"""What went into a step and what came out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

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
    record_late_move,
    record_loss,
    rework_in,
    rework_out,
    scrap_units,
    track_in,
    track_out,
)
from lots.tests.making import T0, again, command, counted_lot, die_lot, step
from lots.tests.routing import released_route
from quality.domain.step_flow import LOST, FlowEvent, FlowLine, FlowStep, StepFlow, flows_of
from quality.selectors.step_flow import step_flows, step_results

AT, SORT, DICE = (FlowStep(key, 1, 10 * key) for key in (1, 2, 3))
STRIP = FlowStep(9, 2, 10)
Told = tuple[Verb, FlowStep | None, FlowStep | None, dict[LineKind, int]]


def told(*what: Told, unit: UnitOfMeasure = UnitOfMeasure.DIE, hours: Sequence[float] = ()) -> Any:
    """Events of a lot that 100 came to AT with; at one instant unless hours are given."""
    good, events = 100, []
    at = [0, *(hours or [0] * len(what))]
    for seq, (verb, first, last, lines) in enumerate([(Verb.RECEIVE, None, AT, {}), *what]):
        kept = {LineKind.IN: good, **{kind: abs(count) for kind, count in lines.items()}}
        good -= sum(count for kind, count in lines.items() if kind in LOST)
        good += lines.get(LineKind.BONUS, 0)
        numbers = [*kept.items(), (LineKind.GOOD, good)]
        flow_lines = tuple(FlowLine(unit, kind, count, count) for kind, count in numbers)
        told_at = T0 + timedelta(hours=at[seq])
        is_late = verb is Verb.LATE_MOVE
        events.append(FlowEvent(seq, told_at, verb, first, last, () if is_late else flow_lines))
    return events


def lost(count: int, kind: LineKind = LineKind.SCRAP) -> Told:
    return (Verb.SCRAP, AT, None, {kind: count})


def moves(first: FlowStep, last: FlowStep, verb: Verb = Verb.MOVE) -> Told:
    return (verb, first, last, {})


GONE = moves(AT, SORT)


def flow(*what: Told) -> StepFlow:
    return flows_of(told(*what))[AT.id]


def test_what_went_on_and_what_was_lost_entered() -> None:
    known = flow(lost(4), lost(6, LineKind.LOSS), GONE)
    assert (known.left, known.entered, known.lost, known.ratio) == (90, 100, 10, 0.9)


def test_step_that_the_lot_is_still_at_has_no_flow() -> None:
    assert flows_of(told(lost(4), moves(AT, AT))) == {}
    assert flows_of([]) == {}


def test_found_again_is_not_lost() -> None:
    known = flow(lost(4), (Verb.BONUS, AT, None, {LineKind.BONUS: 3}), GONE)
    assert (known.left, known.lost) == (99, 1)


def test_more_found_than_lost_is_no_negative_loss() -> None:
    assert flow(lost(1), (Verb.BONUS, AT, None, {LineKind.BONUS: 3}), lost(2), GONE).lost == 2


def test_what_is_received_beside_the_rest_makes_no_loss_good() -> None:
    known = flow(lost(4), (Verb.RECEIVE, None, AT, {LineKind.BONUS: 3}), GONE)
    assert (known.left, known.lost) == (99, 4)


def test_wafers_broken_before_the_saw_are_not_counted_as_dies() -> None:
    events = told(lost(1), GONE, unit=UnitOfMeasure.WAFER)
    dies = tuple(FlowLine(UnitOfMeasure.DIE, kind, 0, 0) for kind in (LineKind.IN, LineKind.GOOD))
    cut = (*dies, FlowLine(UnitOfMeasure.DIE, LineKind.GOOD, 700, 700))
    events[2] = replace(events[2], seq=3)
    known = flows_of([*events, replace(events[1], seq=2, verb=Verb.DICE, lines=cut)])[AT.id]
    assert (known.left, known.lost, known.unit_of_measure) == (700, 0, UnitOfMeasure.DIE)


def test_units_reworked_twice_are_reworked_once() -> None:
    out, back = moves(AT, STRIP, Verb.REWORK_OUT), moves(STRIP, AT, Verb.REWORK_IN)
    known = flow(out, back, lost(5), out, back, lost(5), GONE)
    assert (known.left, known.reworked, known.first_time_ratio) == (90, 90, -0.0)


def test_lot_away_on_rework_has_not_left_the_step() -> None:
    assert flows_of(told(moves(AT, STRIP, Verb.REWORK_OUT))) == {}


def test_lot_that_goes_back_has_not_gone_on() -> None:
    flows = flows_of(told(GONE, lost(3), moves(SORT, AT)))
    assert flows == {}, "neither the step gone back from, nor the one it is to leave once more"


def test_last_leaving_counts() -> None:
    flows = flows_of(told(lost(10), GONE, moves(SORT, AT), lost(2), GONE, moves(SORT, DICE)))
    assert (flows[AT.id].left, flows[AT.id].entered) == (88, 100)
    assert (flows[SORT.id].left, flows[SORT.id].lost) == (88, 0)


def test_lot_that_comes_again_where_the_order_is_free_has_left_the_other_step() -> None:
    one, other = (FlowStep(key, 1, 10 * key, is_free=True) for key in (5, 6))
    flows = flows_of(told(moves(AT, other), moves(other, one)))
    assert {key: known.left for key, known in flows.items()} == {AT.id: 100, other.id: 100}


def test_step_told_late_was_left_at_its_time_and_has_what_was_lost_since() -> None:
    late = moves(AT, SORT, Verb.LATE_MOVE)
    in_time = told((Verb.MOVE, AT, SORT, {}), (Verb.SCRAP, SORT, None, {LineKind.SCRAP: 4}),
                   moves(SORT, DICE), hours=(5, 7, 10))  # fmt: skip
    too_late = told(lost(4), moves(AT, DICE), late, hours=(7, 10, 5))
    flows = flows_of(too_late)
    assert flows == flows_of(in_time)
    assert [(known.left, known.lost) for known in flows.values()] == [(100, 0), (96, 4)]


def test_what_happened_before_the_lot_was_there_is_not_its_own() -> None:
    events = told(moves(AT, SORT, Verb.LATE_MOVE), lost(1), moves(SORT, DICE), hours=(-1, 5, 6))
    assert {key: known.lost for key, known in flows_of(events).items()} == {SORT.id: 1}


def test_what_another_lot_gave_or_took_counts_in_what_leaves() -> None:
    events = told(lost(10), GONE)
    events[1] = replace(events[1], is_own=False)
    known = flows_of(events)[AT.id]
    assert (known.left, known.lost) == (90, 0)


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


def test_move_back_is_no_leaving(lot: Lot) -> None:
    moved(lot)
    asked = command(hours=10, reason="again")
    move_lot(lot=again(lot), to_step=step("D", "RCV"), command=asked)
    assert step_flows([lot.pk]) == {}
    scrap_units(
        lot=again(lot), selection=Selection(2), command=command(hours=11, reason="handling")
    )
    move_lot(lot=again(lot), to_step=step("D", "TRAY"), command=command(hours=12))
    assert counts(lot) == (10, 8, 0)


def test_step_told_late_counts_as_if_told_in_time(lot: Lot) -> None:
    in_time, told_late = lot, counted_lot("N2")
    way = [("SFT", 5), ("TRAY", 9)]
    for code, hours in way:
        move_lot(lot=again(in_time), to_step=step("D", code), command=command(hours=hours))
    later = move_lot(lot=told_late, to_step=step("D", "TRAY"), command=command(hours=9))
    record_late_move(
        lot=again(told_late), to_step=step("D", "SFT"), overtaken_by=later,
        command=command(hours=5),
    )  # fmt: skip
    for one in (in_time, told_late):
        scrap_units(
            lot=again(one), selection=Selection(2), command=command(hours=7, reason="handling")
        )
    flows = step_flows([in_time.pk, told_late.pk])
    for lots_flow in (in_time.pk, told_late.pk):
        known = {key: flow for (one, key), flow in flows.items() if one == lots_flow}
        assert [(flow.left, flow.lost) for flow in known.values()] == [(10, 0), (8, 2)]


def test_flows_of_many_lots_are_one_query(lot: Lot, django_assert_num_queries: Any) -> None:
    lots = [lot, *(counted_lot(f"N{number}") for number in range(2, 6))]
    for one in lots:
        moved(one)
    with django_assert_num_queries(1):
        assert len(step_flows([one.pk for one in lots])) == len(lots)
