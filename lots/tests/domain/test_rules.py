from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.errors import (
    BillError,
    HeldError,
    ReasonError,
    UnlikeLotsError,
    WrongStateError,
    WrongStepError,
)
from lots.domain.rules import (
    ALLOWED,
    CORRECTABLE,
    STOPPED_BY_HOLD,
    STOPPED_WHILE_TRACKED_IN,
    Place,
    part_fault,
    refuse_if_held,
    refuse_if_tracked_in,
    refuse_move,
    refuse_torn_hold,
    refuse_uncorrectable,
    refuse_unless_allowed,
    refuse_unless_as_billed,
    refuse_unlike,
    refuse_unlisted_reason,
    state_when_empty,
)
from lots.domain.words import LotState, MergeAttribute, UnitState, Verb
from supplychain.base.errors import RefusedError

LIKE: dict[str, str] = dict.fromkeys(MergeAttribute, "same")
COUNTS = st.dictionaries(st.sampled_from(["DIE", "HBM", "CPU"]), st.integers(1, 40))


@pytest.mark.parametrize("state", LotState)
@pytest.mark.parametrize("verb", Verb)
def test_state_allows_what_its_table_says(state: LotState, verb: Verb) -> None:
    if verb in ALLOWED[state]:
        refuse_unless_allowed("N1", state, verb)
        return
    with pytest.raises(WrongStateError, match=f"N1 is {state}; {verb} is not possible"):
        refuse_unless_allowed("N1", state, verb)


@pytest.mark.parametrize("state", LotState)
def test_every_hold_can_be_released_and_placed_on_all_but_what_never_was(state: LotState) -> None:
    assert Verb.RELEASE in ALLOWED[state]
    assert (Verb.HOLD in ALLOWED[state]) == (state is not LotState.WITHDRAWN)


@pytest.mark.parametrize("verb", Verb)
def test_hold_stops_what_adds_value(verb: Verb) -> None:
    refuse_if_held("N1", verb, [])
    if verb not in STOPPED_BY_HOLD:
        refuse_if_held("N1", verb, ["bin spike"])
        return
    with pytest.raises(HeldError, match="bin spike; crack"):
        refuse_if_held("N1", verb, ["bin spike", "crack"])


@given(st.integers(1, 99), st.integers(1, 99), st.booleans(), st.booleans())
def test_move_goes_on_unheld_or_back_with_a_reason(
    start: int, end: int, is_held: bool, has_reason: bool
) -> None:
    holds, reason = ["bin spike"] * is_held, "rework" * has_reason
    arguments = ("N1", Place("S", start), Place("E", end), holds, reason)
    if end > start and is_held:
        with pytest.raises(HeldError):
            refuse_move(*arguments)
    elif end < start and not has_reason:
        with pytest.raises(WrongStepError):
            refuse_move(*arguments)
    else:
        refuse_move(*arguments)


def test_like_lots_merge() -> None:
    refuse_unlike("A", LIKE, "B", dict(LIKE))


@pytest.mark.parametrize("name", MergeAttribute)
def test_attribute_that_differs_is_named_with_both_values(name: str) -> None:
    with pytest.raises(UnlikeLotsError) as refusal:
        refuse_unlike("A", LIKE, "B", {**LIKE, name: ""})
    assert refusal.value.detail.startswith(f"{name.replace('_', ' ')}: A has same, B has none")
    assert refusal.value.fields == {"attribute": name, "into": "same", "other": ""}


@given(COUNTS, COUNTS)
def test_build_is_as_billed_or_refused(needed: dict[str, int], given_: dict[str, int]) -> None:
    if needed == given_:
        refuse_unless_as_billed("P0", needed, given_)
        return
    with pytest.raises(BillError) as refusal:
        refuse_unless_as_billed("P0", needed, given_)
    component = str(refusal.value.fields["component"])
    assert needed.get(component, 0) != given_.get(component, 0)


@pytest.mark.parametrize(
    ("state", "container", "fault"),
    [
        (UnitState.GOOD, "", ""),
        (UnitState.GOOD, "SLED-1", "is built into SLED-1"),
        (UnitState.REJECT, "", "is reject"),
        (UnitState.SCRAPPED, "SLED-1", "is scrapped"),
    ],
)
def test_part_is_good_and_free(state: UnitState, container: str, fault: str) -> None:
    assert part_fault(state, container) == fault


def test_lot_emptied_by_scrap_is_scrapped() -> None:
    assert state_when_empty(Verb.SCRAP) is LotState.SCRAPPED
    assert state_when_empty(Verb.ASSEMBLE) is LotState.FINISHED


@pytest.mark.parametrize("verb", Verb)
def test_lot_at_work_waits_to_be_tracked_out(verb: Verb) -> None:
    refuse_if_tracked_in("N1", verb, None)
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    if verb not in STOPPED_WHILE_TRACKED_IN:
        refuse_if_tracked_in("N1", verb, at)
        return
    with pytest.raises(WrongStateError, match="since 2026-03-01 08:00 UTC"):
        refuse_if_tracked_in("N1", verb, at)


@given(st.integers(0, 9), st.integers(0, 9))
def test_hold_is_taken_whole_or_left(taken: int, total: int) -> None:
    if 0 < taken < total:
        with pytest.raises(HeldError, match=f"{taken} of {total} held things"):
            refuse_torn_hold("N1", "look", taken, total)
    else:
        refuse_torn_hold("N1", "look", taken, total)


@pytest.mark.parametrize(
    ("reason", "known", "message"),
    [
        ("luck", ["found"], "luck is no reason for bonus. Known: found"),
        ("", [], "Bonus needs a reason. Known: none yet"),
    ],
)
def test_reason_is_listed(reason: str, known: list[str], message: str) -> None:
    with pytest.raises(ReasonError) as refusal:
        refuse_unlisted_reason(Verb.BONUS, reason, known)
    assert refusal.value.detail.startswith(message)
    refuse_unlisted_reason(Verb.BONUS, "found", ["found"])


@pytest.mark.parametrize("verb", Verb)
def test_only_what_stands_alone_is_corrected(verb: Verb) -> None:
    if verb in CORRECTABLE:
        refuse_uncorrectable(7, verb)
        return
    with pytest.raises(RefusedError, match=f"Event 7 is a {verb}"):
        refuse_uncorrectable(7, verb)
