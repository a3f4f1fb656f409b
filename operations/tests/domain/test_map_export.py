from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.domain.maps.document import read_map
from intake.domain.maps.e142_writer import write_e142
from intake.domain.maps.grids import bin_faults, dies_of, good_count
from operations.domain.map_export import NO_BIN, Exported, ExportedDie, bin_map
from supplychain.base.errors import RefusedError

ABOUT = Exported("W1-01", "W1", "CP1", "20260302140500")
places = st.dictionaries(
    st.tuples(st.integers(-20, 20), st.integers(-20, 20)),
    st.tuples(st.one_of(st.none(), st.integers(0, 65533)), st.booleans()),
    min_size=1,
    max_size=30,
)


@given(places)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_an_exported_map_reads_back_with_the_same_dies_and_bins(
    found: dict[tuple[int, int], tuple[int | None, bool]],
) -> None:
    dies = [ExportedDie(x, y, number, is_pass) for (x, y), (number, is_pass) in found.items()]
    one = bin_map(ABOUT, dies, {})
    (read,) = read_map(BytesIO(write_e142(one))).maps
    assert read == one
    assert {(die.x, die.y): die.code for die in dies_of(read.grid)} == {
        (die.x, die.y): NO_BIN if die.hard_bin is None else str(die.hard_bin) for die in dies
    }
    assert bin_faults(dies_of(read.grid), read.bins) == []


def test_names_and_verdicts_of_bins_are_told() -> None:
    dies = [ExportedDie(0, 0, 1, True), ExportedDie(1, 0, 5, False), ExportedDie(2, 0, None, False)]
    one = bin_map(ABOUT, dies, {1: "good", 5: "open"})
    told = [(bin_.code, bin_.is_pass, bin_.count, bin_.description) for bin_ in one.bins]
    assert told == [
        ("1", True, 1, "good"),
        ("5", False, 1, "open"),
        (NO_BIN, False, 1, "no bin given"),
    ]
    assert good_count(dies_of(one.grid), one.bins) == 1


def test_a_map_too_wide_for_any_reader_is_refused() -> None:
    far = [ExportedDie(0, 0, 1, True), ExportedDie(600, 600, 1, True)]
    with pytest.raises(RefusedError, match="as CSV"):
        bin_map(ABOUT, far, {})
