from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.bins import BinResult, Bins, found_in, last_in, named_bins
from lots.domain.errors import QuantityError
from lots.domain.words import BinKind
from supplychain.base.errors import MalformedError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
SERIALS = {1: "C1", 2: "C2", 3: "C3"}


def bins(text: str) -> Bins:
    found = named_bins(text)
    assert found is not None
    return found


def results(step: str, *numbers: int | None, hours: int = 0) -> list[BinResult]:
    at = T0 + timedelta(hours=hours)
    return [BinResult(pk, step, number, at) for pk, number in enumerate(numbers, start=1)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("7", ((7, 7),)),
        ("3, 5-7", ((3, 3), (5, 7))),
        ("bin 5 to 7; 3", ((3, 3), (5, 7))),
        ("bins 5..7 9", ((5, 7), (9, 9))),
        ("5 \u2013 7\n0", ((0, 0), (5, 7))),
        ("5-7, 6-9, 10", ((5, 10),)),
        ("2-9, 3", ((2, 9),)),
    ],
)
def test_bins_are_read_as_people_write_them(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert bins(text).spans == spans


def test_no_text_names_no_bins() -> None:
    assert named_bins(" ") is None


@given(st.sets(st.integers(0, 65_535), min_size=1, max_size=50))
def test_bins_written_are_bins_read(numbers: set[int]) -> None:
    found = bins(",".join(str(number) for number in numbers))
    assert bins(found.numbers) == found
    assert all(number in found for number in numbers)


@pytest.mark.parametrize("text", ["five", "7-5", "-3", "1--2", "65536", "1-99999", "3 to"])
def test_what_names_no_bins_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        named_bins(text)


def test_bins_named_are_bounded() -> None:
    with pytest.raises(MalformedError, match="at most 100"):
        named_bins(" ".join(str(2 * number) for number in range(101)))


def test_units_are_found_by_their_bin_where_the_lot_was_tested_last() -> None:
    tested = [*results("SLT", 3, 1, 5, hours=2), *results("FT", 1, 5, 1)]
    found = found_in("A", bins("3, 5-7"), SERIALS, tested)
    assert found.unit_ids == (1, 3)
    assert found.told() == {"binned": {"kind": "hard", "step": "SLT", "counts": {"3": 1, "5": 1}}}


def test_results_of_units_that_may_not_be_chosen_say_nothing() -> None:
    tested = [*results("FT", 1, 5, 1), BinResult(9, "SLT", 5, T0 + timedelta(hours=9))]
    assert found_in("A", bins("5"), SERIALS, tested).unit_ids == (2,)


def test_a_result_without_a_bin_is_in_none() -> None:
    found = found_in("A", bins("0-65535"), SERIALS, results("FT", None, 5, 1))
    assert found.unit_ids == (2, 3)


def test_a_lot_without_results_is_refused() -> None:
    with pytest.raises(QuantityError, match="No unit of lot A has a test result"):
        found_in("A", bins("5"), SERIALS, [])


def test_units_without_a_result_are_named() -> None:
    many = {number: f"C{number}" for number in range(1, 10)}
    with pytest.raises(QuantityError, match=r"7 of 9 units .* at FT.*: C3, C4, C5, C6, C7, …\."):
        found_in("A", bins("5"), many, results("FT", 5, 1))


def test_a_few_units_without_a_result_are_all_named() -> None:
    with pytest.raises(QuantityError, match=r"1 of 3 .*: C3\. Test them first"):
        found_in("A", bins("5"), SERIALS, results("FT", 5, 1))


@pytest.mark.parametrize(("text", "empty"), [("5, 8", "8"), ("1, 7-9", "7-9")])
def test_a_bin_that_no_unit_is_in_is_refused_beside_those_there_are(text: str, empty: str) -> None:
    with pytest.raises(QuantityError, match=rf"hard bin {empty} at FT\. Its bins there: 1, 5\."):
        found_in("A", bins(text), SERIALS, results("FT", 1, 5, 1))


def test_where_no_bin_was_given_none_is_there() -> None:
    with pytest.raises(QuantityError, match="Its bins there: none"):
        found_in("A", Bins(BinKind.SOFT, ((1, 1),)), SERIALS, results("FT", None, None, None))


def test_a_unit_fell_last_where_its_newest_result_is() -> None:
    tested = [*results("FT", 5, 5, 1), BinResult(1, "SLT", 1, T0 + timedelta(hours=1))]
    assert last_in(5, tested) == {2}
    assert last_in(5, reversed(tested)) == {2}
