from __future__ import annotations

from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from testing.domain.faults import Fallout, Fault, SocketLoad, place_records, unit_faults, upper_tail


def loads(place: str, units: int, fails: int, start: int = 0) -> list[SocketLoad]:
    return [SocketLoad(f"{place}-U{start + n}", place, is_failed=n < fails) for n in range(units)]


GOOD = [load for n in range(20) for load in loads(f"S{n}", 20, 0)]


@given(st.data())
def test_the_tail_is_the_hypergeometric_one(drawn: st.DataObject) -> None:
    everything = drawn.draw(st.integers(1, 400))
    bad, here = (drawn.draw(st.integers(0, everything)) for _ in range(2))
    fails = drawn.draw(st.integers(0, min(bad, here)))
    expected = hypergeom.sf(fails - 1, everything, bad, here)
    assert upper_tail(fails, here, bad, everything) == pytest.approx(expected, abs=1e-9)


def test_the_tail_is_fishers_exact_test() -> None:
    table = np.array([[5, 15], [3, 77]])
    assert upper_tail(5, 20, 8, 100) == pytest.approx(fisher_exact(table, "greater").pvalue)


def test_a_worked_tail() -> None:
    """Both fails among 4 of 8 loads: C(4,2) of C(8,2) ways."""
    assert upper_tail(2, 4, 2, 8) == pytest.approx(comb(4, 2) / comb(8, 2))


def test_a_socket_that_fails_different_units_is_suspect() -> None:
    first = place_records([*GOOD, *loads("BAD", 20, 6)])[0]
    assert (first.place, first.fails, first.failed_units, first.is_suspect) == ("BAD", 6, 6, True)


def test_a_unit_failing_again_in_one_socket_does_not_make_it_suspect() -> None:
    again = [SocketLoad("U", "BAD", is_failed=True)] * 6
    record = next(one for one in place_records([*GOOD, *again]) if one.place == "BAD")
    assert (record.p_adjusted < 0.01, record.is_suspect) == (True, False)


def test_fails_spread_evenly_make_no_place_suspect() -> None:
    spread = [load for n in range(20) for load in loads(f"S{n}", 20, 1)]
    assert not any(record.is_suspect for record in place_records(spread))


def test_p_values_are_adjusted_for_how_many_places_there_are() -> None:
    records = place_records([*GOOD, *loads("BAD", 20, 2)])
    assert records[0].p_adjusted == pytest.approx(records[0].p_value * 21)
    assert all(a.p_adjusted <= b.p_adjusted for a, b in pairwise(records))


def test_nothing_loaded_says_nothing() -> None:
    assert place_records([]) == []
    assert unit_faults([]) == {}


def test_a_unit_that_fails_in_two_sound_sockets_is_a_fault_of_the_die() -> None:
    moved = [SocketLoad("U", "S1", is_failed=True), SocketLoad("U", "S2", is_failed=True)]
    assert unit_faults([*GOOD, *moved]) == {"U": Fault.DIE}


def test_a_unit_that_fails_in_a_bad_socket_only_is_a_fault_of_the_socket() -> None:
    faults = unit_faults([*GOOD, *loads("BAD", 20, 6)])
    assert set(faults.values()) == {Fault.SOCKET}


def test_a_unit_of_a_bad_socket_that_fails_elsewhere_too_is_a_fault_of_the_die() -> None:
    moved = [SocketLoad("BAD-U0", "S1", is_failed=True)]
    assert unit_faults([*GOOD, *loads("BAD", 20, 6), *moved])["BAD-U0"] is Fault.DIE


def test_a_single_fail_stays_open() -> None:
    assert unit_faults([*GOOD, SocketLoad("U", "S1", is_failed=True)]) == {"U": Fault.OPEN}


@pytest.mark.parametrize(
    ("submitted", "failed", "is_exceeded"),
    [(100, 5, False), (100, 6, True), (10, 1, False), (10, 2, True), (40, 2, False), (0, 0, False)],
)
def test_a_lot_fails_above_its_share_but_never_for_one_unit(
    submitted: int, failed: int, is_exceeded: bool
) -> None:
    assert Fallout(submitted, failed, 0.05).is_exceeded is is_exceeded


def test_nothing_submitted_has_no_ratio() -> None:
    assert Fallout(0, 0, 0.05).ratio is None
    assert Fallout(100, 5, 0.05).ratio == 0.05
