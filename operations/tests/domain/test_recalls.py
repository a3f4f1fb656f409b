"""Questions, zones and sums of recalls, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.domain.recall_drawing import draw_exposure
from operations.domain.recall_questions import Question, question_of, question_values
from operations.domain.recall_zones import PlacedDie, Zone, dies_in_zone
from operations.domain.recalls import Exposure, Share, Standing
from operations.domain.words import Origin, Place
from supplychain.base.errors import MalformedError

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SQUARE = [PlacedDie(10 * x + y, x, y) for x in range(5) for y in range(5)]
WINDOW = {"since": NOW, "until": NOW + timedelta(hours=1)}
QUESTIONS = [
    (Question(Origin.LOT, names=("A", "B", "C", "D", "E")), "Lot A, B, C and 2 more"),
    (Question(Origin.WAFER, names=("A-01",)), "Wafer A-01"),
    (Question(Origin.ZONE, names=("A-01",), zone=Zone.EDGE_RING), "Edge ring of wafer A-01"),
    (
        Question(Origin.TESTER, equipment="T1", **WINDOW),  # type: ignore[arg-type]
        "Tester T1 from 2026-03-02 00:00 UTC to 2026-03-02 01:00 UTC",
    ),
    (Question(Origin.OVEN, load=4, board="B1", socket="7"), "Oven load 4, board B1, socket 7"),
    (Question(Origin.OVEN, load=4), "Oven load 4"),
    (Question(Origin.SERIALS, names=("S1",)), "Serial S1"),
]


@pytest.mark.parametrize(("question", "said"), QUESTIONS)
def test_a_question_is_kept_asked_again_and_said(question: Question, said: str) -> None:
    assert question_of(question_values(question)) == question
    assert str(question) == said


def test_names_are_told_once_and_trimmed() -> None:
    assert question_of({"origin": "lot", "names": [" A ", "A"]}).names == ("A",)


@pytest.mark.parametrize(
    "values",
    [
        {"origin": "lot"},
        {"origin": "zone", "names": ["A"]},
        {"origin": "tester", "equipment": "T1", "since": NOW},
        {"origin": "tester", "equipment": "T1", "since": NOW, "until": NOW},
        {"origin": "oven"},
        {"origin": "serials", "names": [str(number) for number in range(10_001)]},
        {"origin": "serials", "names": ["x" * 121]},
        {"origin": "serials", "names": ["a\0b"]},
    ],
)
def test_a_question_that_says_too_little_or_too_much_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        question_of(values)


def test_the_edge_ring_is_what_has_an_empty_place_beside_it() -> None:
    ring = dies_in_zone(Zone.EDGE_RING, SQUARE)
    assert len(ring) == 16
    assert 22 not in ring


def test_the_centre_is_the_inner_half_of_the_radius() -> None:
    assert set(dies_in_zone(Zone.CENTRE, SQUARE)) == {22, 12, 32, 21, 23, 11, 13, 31, 33}
    assert set(dies_in_zone(Zone.CENTRE, SQUARE, width=1, height=9)) == {2, 12, 22, 32, 42} | {
        10 * x + y for x in range(5) for y in (1, 3)
    } - {1, 3, 41, 43}


def test_no_dies_are_in_no_zone() -> None:
    assert dies_in_zone(Zone.CENTRE, []) == []


@given(st.sets(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1))
def test_every_die_is_in_a_quadrant(places: set[tuple[int, int]]) -> None:
    dies = [PlacedDie(number, x, y) for number, (x, y) in enumerate(sorted(places))]
    quadrants = [zone for zone in Zone if zone.value.startswith("quadrant")]
    found = {pk for zone in quadrants for pk in dies_in_zone(zone, dies)}
    assert found == {die.id for die in dies}


def test_sums_are_by_place_step_rack_and_customer() -> None:
    exposure = Exposure(
        (
            Share(Place.DEPLOYED, "package", 5, rack="R1", site="S", customer="Acme"),
            Share(Place.DEPLOYED, "package", 2, rack="R1", site="S"),
            Share(Place.INSTALLED, "server", 1, rack="R2"),
            Share(Place.WIP, "die", 7, step="CP1", lot="L1"),
            Share(Place.SCRAPPED, "die", 9),
        )
    )
    assert exposure.quantity == 15
    assert (exposure.deployed_chip_count, exposure.rack_count) == (7, 2)
    assert [(one.name, one.note) for one in exposure.by_rack] == [
        ("R1", "S, Acme"),
        ("R2", "stands nowhere"),
    ]
    assert [(one.name, one.quantity) for one in exposure.by_step] == [("CP1", 7)]
    assert [(one.name, one.note) for one in exposure.by_lot] == [("L1", "In process")]
    assert [(one.name, one.kind, one.quantity) for one in exposure.by_customer] == [
        ("Acme", "package", 5),
        ("", "package", 2),
        ("", "server", 1),
    ]
    assert [one.name for one in exposure.by_place][-1] == "Scrapped or rejected"
    assert exposure.is_downstream
    assert not exposure.is_nothing


def test_nothing_reached_exposes_nobody() -> None:
    assert Exposure().is_nothing
    assert not Exposure().is_downstream


def test_bars_share_one_scale_and_are_never_too_thin() -> None:
    standings = [
        Standing(Place.WIP, "die", 1000, 1),
        Standing(Place.DEPLOYED, "package", 500, 0),
    ]
    thick, thin = draw_exposure(standings)
    assert (thick.part, thick.left) == (100, 1)
    assert (thin.part, thin.left, thin.standing.settled) == (50, 0, 500)
    assert thin.standing.name == "Deployed"
    assert draw_exposure([]) == []
