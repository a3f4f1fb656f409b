"""How a lot stands, told again from its events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lots.domain.standings import Place, Standing, Standings, Told
from lots.domain.words import Verb

FIRST, LAST, OTHER_FIRST, REWORK = 1, 2, 11, 21
STEPS = {
    FIRST: Place(1, "RCV"),
    LAST: Place(1, "SFT"),
    OTHER_FIRST: Place(2, "RCV"),
    REWORK: Place(3, "RW"),
}


def at(hours: float) -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hours)


def told(verb: Verb, hours: float = 0, lot: int = 1, **facts: Any) -> Told:
    return Told(verb, lot, at(hours), **facts)


BORN = told(Verb.RECEIVE, step_to_id=FIRST, payload={"kind": "switch", "product": "SW", "bill": ""})
STANDS = Standing(FIRST, at(0), at(0), kind="switch", product="SW", bill="")


def after(*events: Told, lot: int = 1) -> Standing:
    standings = Standings(STEPS)
    for event in (BORN, *events):
        standings.tell(event)
    return standings.of[lot]


def went(verb: Verb, hours: float, to: int, **payload: Any) -> Told:
    return told(verb, hours, step_from_id=FIRST, step_to_id=to, payload=payload)


TRACKED_IN = told(Verb.TRACK_IN, 1, payload={"equipment": "ATE-1"})


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], STANDS),
        ([told(Verb.HOLD, 1)], STANDS),
        ([told(Verb.LATE_MOVE, 1, step_to_id=LAST)], STANDS),
        ([TRACKED_IN], replace(STANDS, tracked_in_at=at(1), equipment="ATE-1")),
        ([TRACKED_IN, went(Verb.TRACK_OUT, 2, LAST)], replace(STANDS.at(LAST, at(2)))),
        ([TRACKED_IN, replace(went(Verb.TRACK_OUT, 2, FIRST), is_empty=True)], STANDS),
        ([went(Verb.MOVE, 2, LAST)], STANDS.at(LAST, at(2))),
        ([went(Verb.RECEIVE, 2, LAST)], STANDS.at(LAST, at(2))),
        ([told(Verb.RECEIVE, 2, step_to_id=FIRST, payload={"wafers": ["W1"]})], STANDS),
        (
            [told(Verb.BANK, 1), told(Verb.UNBANK, 5)],
            replace(STANDS, waiting_since=at(0), step_entered_at=at(5)),
        ),
        (
            [told(Verb.MERGE, 1, payload={"waiting_since": at(-3).isoformat()})],
            replace(STANDS, waiting_since=at(-3)),
        ),
        ([told(Verb.MERGE, 1)], STANDS),
    ],
)
def test_lot_stands_where_its_events_left_it(events: list[Told], expected: Standing) -> None:
    assert after(*events) == expected


def test_wait_goes_on_at_the_same_step_of_another_version() -> None:
    kept = {"waiting_since": None}
    same = after(went(Verb.REROUTE, 4, OTHER_FIRST, before=kept))
    assert same == replace(STANDS.at(OTHER_FIRST, at(4)), waiting_since=at(0))
    assert after(went(Verb.REROUTE, 4, LAST, before=kept)) == STANDS.at(LAST, at(4))


def test_wait_begins_anew_where_the_event_was_told_before_waits_were_kept() -> None:
    assert after(went(Verb.REROUTE, 4, OTHER_FIRST)) == STANDS.at(OTHER_FIRST, at(4))


def test_rework_knows_where_it_comes_back_and_counts() -> None:
    out = went(Verb.REWORK_OUT, 1, REWORK, return_step="RCV")
    there = replace(STANDS.at(REWORK, at(1)), rework_return_step_id=FIRST, rework_attempt=1)
    assert after(out) == there
    back = after(out, went(Verb.REWORK_IN, 2, FIRST))
    assert back == replace(STANDS.at(FIRST, at(2)), rework_attempt=1)


def test_part_stands_as_what_it_was_split_from() -> None:
    split = told(Verb.SPLIT, 2, others=frozenset({2}), payload={"child": "N1.1"})
    assert after(TRACKED_IN, split, lot=2) == after(TRACKED_IN)


def test_pilot_is_known_by_how_far_it_goes_ahead() -> None:
    split = told(Verb.SPLIT, 2, others=frozenset({2}), payload={"until_step": "SFT"})
    assert after(split, lot=2) == replace(STANDS, is_pilot=True)


def test_units_binned_down_are_of_the_lesser_product() -> None:
    payload = {"product_to": "SW-L", "bill": "SW-L v1"}
    binned = told(Verb.BIN, 2, others=frozenset({2}), payload=payload)
    assert after(binned, lot=2) == replace(STANDS, product="SW-L", bill="SW-L v1")


def test_correction_brings_back_what_the_event_found() -> None:
    before = {
        "step_id": FIRST,
        "step_entered_at": at(0).isoformat(),
        "waiting_since": None,
        "tracked_in_at": at(1).isoformat(),
        "equipment": "ATE-1",
        "state": "active",
    }
    out = went(Verb.TRACK_OUT, 2, LAST, before=before)
    undone = told(Verb.CORRECT, 3, corrected=out)
    assert after(TRACKED_IN, out, undone) == after(TRACKED_IN)


def test_lot_is_withdrawn_until_it_begins_anew() -> None:
    undone = told(Verb.CORRECT, 1, corrected=BORN)
    assert after(undone) == replace(STANDS, is_withdrawn=True)
    assert after(undone, BORN) == STANDS


def test_event_of_a_lot_that_never_began_tells_nothing() -> None:
    standings = Standings(STEPS)
    standings.tell(TRACKED_IN)
    assert standings.of == {}


def test_first_difference_is_named() -> None:
    assert STANDS.difference(STANDS) == ""
    says = replace(STANDS, product="SW-L", equipment="ATE-2")
    assert STANDS.difference(says) == "equipment ATE-2, its ledger says "
    assert STANDS.difference(replace(STANDS, product="SW-L")) == (
        "product SW-L, its ledger says SW"
    )


def test_what_the_ledger_never_told_is_no_difference() -> None:
    untold = replace(STANDS, kind=None, product=None, bill=None)
    assert untold.difference(STANDS) == ""
