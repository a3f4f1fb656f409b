from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.identity import Identities, identified, plain_key, stored_text
from testing.domain.leads import PLACES_MAX, Claims, Conflict, Decided, is_serial
from testing.domain.packed import PackedTexts
from testing.domain.records import MISSING, MISSING_COORDINATE
from testing.domain.words import ConflictKind, ConflictVerdict

OFF = (MISSING, MISSING_COORDINATE, MISSING_COORDINATE)
BY_ID, BY_PLACE = 1, 2


@dataclass(frozen=True)
class Claim:
    """place: wafer, x and y."""

    place: tuple[int, int, int] = OFF
    name: str = ""
    flag: int = 0
    run: int = 7


def claims_of(claims: Sequence[Claim]) -> Claims:
    wafer, x, y = np.array([claim.place for claim in claims], dtype=np.int64).reshape(-1, 3).T
    return Claims(
        wafer=wafer,
        x=x.astype(np.int32),
        y=y.astype(np.int32),
        part_id=[claim.name for claim in claims],
        part_flag=np.array([claim.flag for claim in claims], dtype=np.uint8),
        run=np.array([claim.run for claim in claims], dtype=np.int64),
        index=np.arange(len(claims), dtype=np.int32),
    )


def units(*claims: Claim) -> list[int]:
    """A number for each claim, alike for one unit, from 0 in order of appearance."""
    return numbered(identified(claims_of(claims)))


def numbered(identities: Identities) -> list[int]:
    numbers: dict[int, int] = {}
    return [numbers.setdefault(unit, len(numbers)) for unit in identities.unit.tolist()]


def key(place: tuple[int, int, int], name: str = "") -> str:
    return plain_key(*place, name, 7, 1)


def test_a_die_is_known_by_wafer_and_position() -> None:
    assert key((50, -3, 4), "99") == "50:-3:4"
    assert units(Claim((50, -3, 4), "99"), Claim((50, -3, 4), "100"), Claim((51, -3, 4))) == [
        0,
        0,
        1,
    ]


def test_a_part_off_a_wafer_is_known_by_its_part_id() -> None:
    assert key(OFF, "C1") == "C1"
    assert units(Claim(name="C1"), Claim(name="C2"), Claim(name="C1")) == [0, 1, 0]


def test_a_die_without_both_coordinates_is_known_by_wafer_and_part_id() -> None:
    assert key((40, 3, MISSING_COORDINATE), "8") == "40/8"
    place = (40, 3, MISSING_COORDINATE)
    assert units(Claim(place, "8"), Claim(place, "8"), Claim((41, 3, MISSING_COORDINATE), "8")) == [
        0,
        0,
        1,
    ]


def test_a_nameless_part_is_known_only_within_its_run() -> None:
    assert key(OFF) == "run-7:1"
    assert units(Claim(), Claim()) == [0, 1]


def test_a_bare_number_counts_parts_and_names_none() -> None:
    assert [is_serial(name) for name in ("12345", "A1", "N3-1-07")] == [False, False, True]


def test_a_serial_leads_a_die_without_coordinates_to_its_position() -> None:
    loose = (5, MISSING_COORDINATE, MISSING_COORDINATE)
    assert units(Claim((5, 1, 1), "ECID-1"), Claim(loose, "ECID-1"), Claim(loose, "ECID-2")) == [
        0,
        0,
        1,
    ]


def test_a_flagged_number_leads_to_the_only_position_with_it() -> None:
    loose = (5, MISSING_COORDINATE, MISSING_COORDINATE)
    found = identified(
        claims_of([Claim((5, 1, 1), "8"), Claim(loose, "8", BY_ID), Claim(loose, "8")])
    )
    assert numbered(found) == [0, 0, 1]
    assert found.keys == {1: "5:1:1"}


def test_a_flagged_number_at_two_positions_leads_nowhere_and_is_told() -> None:
    loose = (5, MISSING_COORDINATE, MISSING_COORDINATE)
    found = identified(
        claims_of([Claim((5, 1, 1), "8"), Claim((5, 2, 1), "8"), Claim(loose, "8", BY_ID)])
    )
    assert numbered(found) == [0, 1, 2]
    assert found.conflicts == (Conflict(ConflictKind.TWO_PLACES, "8", ("5:1:1", "5:2:1")),)


def test_a_die_under_two_serials_is_told_and_not_merged() -> None:
    two = [Claim((5, 1, 1), "ECID-1"), Claim((5, 1, 1), "ECID-2"), Claim((5, 1, 1), "17")]
    found = identified(claims_of(two))
    assert numbered(found) == [0, 1, 2]
    assert found.keys == {0: "5:1:1#ECID-1", 1: "5:1:1#ECID-2"}
    assert found.conflicts == (Conflict(ConflictKind.TWO_IDS, "5:1:1", ("ECID-1", "ECID-2")),)


SETTLED = {
    (ConflictKind.TWO_IDS, "5:1:1"): Decided(ConflictVerdict.SAME, frozenset({"ECID-1", "ECID-2"}))
}


def test_a_die_said_to_be_the_same_is_merged_and_stays_told() -> None:
    two = claims_of([Claim((5, 1, 1), "ECID-1"), Claim((5, 1, 1), "ECID-2")])
    found = identified(two, SETTLED)
    assert (numbered(found), len(found.conflicts)) == ([0, 0], 1)


def test_a_third_id_was_not_judged_with_the_two() -> None:
    three = [Claim((5, 1, 1), f"ECID-{number}") for number in (1, 2, 3)]
    assert numbered(identified(claims_of(three), SETTLED)) == [0, 1, 2]


@pytest.mark.parametrize("name", ["X12Y7", "x-3 y12", "12_-7", "(12,7)", "0012", "12"])
def test_a_position_or_a_number_as_part_id_names_no_die(name: str) -> None:
    found = identified(claims_of([Claim((5, 1, 1), name), Claim((6, 1, 1), name)]))
    assert (numbered(found), found.conflicts) == ([0, 1], ())


@pytest.mark.parametrize("name", ["N3W010-05-X12Y7", "00A1F3", "ECID"])
def test_what_has_letters_of_its_own_names_one(name: str) -> None:
    found = identified(claims_of([Claim((5, 1, 1), name), Claim((6, 1, 1), name)]))
    assert len(found.conflicts) == 1


def test_a_word_that_every_die_has_names_none() -> None:
    loose = Claim((5, MISSING_COORDINATE, MISSING_COORDINATE), "NONE")
    dies = [Claim((5, x, 1), "NONE") for x in range(PLACES_MAX + 1)]
    assert identified(claims_of([*dies, loose])).conflicts == ()
    assert len(identified(claims_of([*dies[1:], loose])).conflicts) == 1


def test_a_loose_serial_of_a_die_under_two_serials_goes_with_its_own() -> None:
    loose = Claim((5, MISSING_COORDINATE, MISSING_COORDINATE), "ECID-2")
    two = [Claim((5, 1, 1), "ECID-1"), Claim((5, 1, 1), "ECID-2"), loose]
    assert units(*two) == [0, 1, 1]


def test_a_serial_on_two_wafers_is_told_and_not_merged() -> None:
    found = identified(claims_of([Claim((5, 1, 1), "ECID-1"), Claim((6, 1, 1), "ECID-1")]))
    assert numbered(found) == [0, 1]
    assert found.conflicts == (Conflict(ConflictKind.TWO_PLACES, "ECID-1", ("5:1:1", "6:1:1")),)


def test_off_a_wafer_a_flag_leads_to_the_part_that_was_at_the_place() -> None:
    at = (MISSING, 3, 4)
    assert units(Claim(at, "12"), Claim(at, "57", BY_PLACE), Claim(at, "80", BY_PLACE)) == [0, 0, 0]


def test_a_flag_by_place_leads_nowhere_where_nobody_was() -> None:
    here, there = (MISSING, 3, 4), (MISSING, 9, 9)
    assert units(Claim(there, "12"), Claim(here, "57", BY_PLACE), Claim(here, "57")) == [0, 1, 1]


def test_a_flag_by_place_where_two_parts_were_is_told() -> None:
    at = (MISSING, 3, 4)
    found = identified(claims_of([Claim(at, "12"), Claim(at, "13"), Claim(at, "", BY_PLACE)]))
    assert numbered(found) == [0, 1, 2]
    assert found.conflicts == (Conflict(ConflictKind.TWO_IDS, "3:4", ("12", "13")),)


def test_a_flag_by_place_does_not_make_one_of_two_serials() -> None:
    at = (MISSING, 3, 4)
    found = identified(claims_of([Claim(at, "CHIP-1"), Claim(at, "CHIP-2", BY_PLACE)]))
    assert (numbered(found), len(found.conflicts)) == ([0, 1], 1)


PLACES = st.sampled_from([(5, 1, 1), (5, 2, 1), (6, 1, 1), (5, -32768, 1), OFF, (MISSING, 3, 4)])
CLAIMS = st.lists(
    st.builds(
        Claim, PLACES, st.sampled_from(["", "8", "9", "ECID-1", "ECID-2"]), st.integers(0, 3)
    ),
    max_size=12,
)


@given(CLAIMS, st.randoms())
def test_who_is_who_does_not_depend_on_the_order(claims: list[Claim], random: object) -> None:
    order = list(range(len(claims)))
    random.shuffle(order)  # type: ignore[attr-defined]
    plain = identified(claims_of(claims))
    mixed = identified(claims_of([claims[place] for place in order]))
    before = numbered(Identities(plain.unit[order]))
    assert numbered(mixed) == before
    assert mixed.conflicts == plain.conflicts


@given(CLAIMS)
def test_units_are_alike_where_keys_are(claims: list[Claim]) -> None:
    found = identified(claims_of(claims))
    keys = [
        found.keys.get(index) or plain_key(*claim.place, claim.name, claim.run, index)
        for index, claim in enumerate(claims)
    ]
    numbers: dict[str, int] = {}
    assert numbered(found) == [numbers.setdefault(one, len(numbers)) for one in keys]


def test_text_is_cut_without_leaving_a_blank_at_the_end() -> None:
    assert stored_text("ab cd", 3) == "ab"


@given(st.text(st.characters(), max_size=20))
def test_stored_text_can_always_be_written(text: str) -> None:
    stored = stored_text(text, 10)
    assert "\0" not in stored
    assert len(stored.encode("utf-8").decode("utf-8")) <= 10


@given(st.lists(st.lists(st.text(max_size=5), max_size=5), max_size=4))
def test_packed_texts_read_like_a_list(batches: list[list[str]]) -> None:
    packed = PackedTexts()
    for batch in batches:
        packed.add(batch)
    whole = [text for batch in batches for text in batch]
    assert (list(packed), len(packed), packed[1:4]) == (whole, len(whole), whole[1:4])
    assert [packed[place] for place in range(len(whole))] == whole
