"""Burn-in sockets that fail more than their siblings: by hand, by simulation, and in the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import Generator
from scipy.stats import binom

from quality.detectors.sockets import BurnInSocket
from quality.domain.findings import Finding
from quality.domain.sockets import BoardLoad, SocketRecord, adjusted_chances, chance_of_fails
from quality.tests.building import rule
from testing.domain.words import Outcome
from testing.services import record_burn_in
from testing.tests.builders import START
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

SOCKETS, BOARDS, LOADS = 24, 20, 30
Q, UNITS_MIN, EFFECT_MIN = 0.01, 3, 0.05


def record(fails: int, *loads: tuple[int, int]) -> SocketRecord:
    """loads: (units, fails) of the board."""
    return SocketRecord(tuple(BoardLoad(*load) for load in loads), fails)


def test_two_fails_of_two_loads_by_hand() -> None:
    # one of four failed, then two of four: 1/4 · 2/4
    assert chance_of_fails(record(2, (4, 1), (4, 2))) == pytest.approx(1 / 8)
    # or one of them at least: 1 - 3/4 · 2/4
    assert chance_of_fails(record(1, (4, 1), (4, 2))) == pytest.approx(5 / 8)
    assert record(2, (4, 1), (4, 2)).expected == pytest.approx(0.75)


def test_a_board_on_which_all_failed_says_nothing_of_its_sockets() -> None:
    assert chance_of_fails(record(3, (8, 8), (8, 8), (8, 8))) == 1.0


@given(st.integers(1, 40), st.integers(0, 10), st.data())
def test_equal_loads_are_binomial(loads: int, fails: int, drawn: st.DataObject) -> None:
    own = drawn.draw(st.integers(0, loads))
    found = chance_of_fails(record(own, *[(10, fails)] * loads))
    assert found == pytest.approx(binom.sf(own - 1, loads, fails / 10), abs=1e-9)


def test_sockets_not_asked_count_in_the_family() -> None:
    ((p_value, adjusted),) = adjusted_chances([record(2, (4, 1), (4, 2))], 4)
    assert adjusted == pytest.approx(p_value * 4)


def flagged(random: Generator, bad: float = 0.0) -> set[tuple[int, int]]:
    """A month of boards with lots of very different quality. bad: share that fails of board 3,
    socket 5, beside what its lots lose."""
    shares = random.beta(0.6, 20, (LOADS, BOARDS))
    chances = np.repeat(shares[:, :, None], SOCKETS, axis=2)
    chances[:, 3, 5] = 1 - (1 - chances[:, 3, 5]) * (1 - bad)
    failed = random.random((LOADS, BOARDS, SOCKETS)) < chances
    asked = [tuple(place) for place in np.argwhere(failed.sum(axis=0) >= UNITS_MIN).tolist()]
    records = [
        record(
            int(failed[:, board, socket].sum()),
            *[(SOCKETS, int(count)) for count in failed[:, board].sum(axis=1)],
        )
        for board, socket in asked
    ]
    chance = adjusted_chances(records, BOARDS * SOCKETS)
    return {
        (board, socket)
        for (board, socket), one, (_, adjusted) in zip(asked, records, chance, strict=True)
        if adjusted < Q and (one.fails - one.expected) / one.loads >= EFFECT_MIN
    }


def test_sound_sockets_are_flagged_in_at_most_one_month_in_fifty() -> None:
    random = np.random.default_rng(7)
    assert sum(bool(flagged(random)) for _ in range(100)) <= 2


def test_a_socket_that_fails_a_third_is_found_within_a_month() -> None:
    random = np.random.default_rng(8)
    found = [flagged(random, 1 / 3) for _ in range(20)]
    assert sum((3, 5) in one for one in found) >= 18
    assert all(one <= {(3, 5)} for one in found)


CHIPS = ("C1", "C2", "C3")


def burn_in(line: Line, *failing: int) -> None:
    """A load for each, an hour apart: all chips, each time one socket on; what sits there fails."""
    for number, socket in enumerate(failing):
        start = number % len(CHIPS)
        order = CHIPS[start:] + CHIPS[:start]
        load = oven_load(line, *order, start_hour=9 * number, source_sha256=f"{number:064x}")
        units = tuple(
            replace(unit, outcome=Outcome.FAIL) if unit.socket == str(socket) else unit
            for unit in load.units
        )
        record_burn_in(replace(load, units=units))


def found() -> list[Finding]:
    return BurnInSocket().find(START + timedelta(days=7))


@pytest.mark.usefixtures("rules")
def test_a_socket_in_which_every_chip_failed_is_found(line: Line) -> None:
    burn_in(line, 0, 0, 0, 0, 0, 0)
    (one,) = found()
    assert one.title == "Socket 0 of burn-in board BIB-1 failed 6 of 6 units, 2.0 expected"
    assert one.cause_key == "burn-in-socket:BIB-1/0"
    assert one.evidence.p_value == pytest.approx(3**-6)
    assert one.evidence.p_adjusted == pytest.approx(3 * 3**-6)
    assert one.evidence.facts["serials"] == ["C1", "C2", "C3"]
    assert one.evidence.facts["lots"] == ["AS-1"]
    (picture,) = one.evidence.pictures
    shown = [(point.name, point.value, point.is_flagged) for point in picture.points]
    assert shown == [("0", 1.0, True), ("1", 0.0, False), ("2", 0.0, False)]


@pytest.mark.usefixtures("rules")
def test_fails_that_go_round_the_board_raise_nothing(line: Line) -> None:
    burn_in(line, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2)
    assert found() == []


@pytest.mark.usefixtures("rules")
def test_one_unit_again_and_again_condemns_no_socket(line: Line) -> None:
    # the first chip is in the next socket each time
    burn_in(line, 0, 2, 1, 0, 2, 1, 0, 2, 1)
    assert found() == []


@pytest.mark.usefixtures("rules")
def test_loads_of_long_ago_are_over(line: Line) -> None:
    burn_in(line, 0, 0, 0, 0, 0, 0)
    assert BurnInSocket().find(START + timedelta(days=60)) == []


@pytest.mark.usefixtures("rules")
def test_the_same_fails_are_no_news_and_another_one_is(line: Line) -> None:
    burn_in(line, *[0] * 8)
    first = found()[0].revision
    burn_in(line, *[0] * 8, 1)
    assert found()[0].revision == first
    burn_in(line, *[0] * 8, 1, 0)
    assert found()[0].revision != first


@pytest.mark.usefixtures("rules")
def test_thresholds_stand_in_the_rule(line: Line) -> None:
    burn_in(line, 0, 0, 0, 0, 0, 0)
    rule("burn-in-socket", parameters={"units_min": 4})
    assert found() == []
    rule("burn-in-socket", parameters={"effect_min": 0.8})
    assert found() == []
    rule("burn-in-socket", parameters={"q": 0.0001})
    assert found() == []


@pytest.mark.usefixtures("rules")
def test_queries_do_not_grow_with_loads(line: Line, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert found() == []
    burn_in(line, *[0] * 8)
    with django_assert_num_queries(6):
        assert len(found()) == 1
