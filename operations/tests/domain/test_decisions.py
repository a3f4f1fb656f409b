"""The sentence that says what is next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from operations.domain.decisions import Standing, Stop, next_decision

WAITING = Standing(
    state="active",
    step="CP1",
    next_step="CP2",
    is_tracked_in=False,
    is_outsourced=False,
    custodian="OSAT1",
    rework_return="",
)
EDGE = Stop("Edge ring", "Quality", "ann", date(2026, 3, 4))
WATER = Stop("Water", "Engineering", "", None)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "Track in at CP1, then on to CP2."),
        ({"next_step": ""}, "Track in at CP1."),
        ({"is_tracked_in": True}, "Track out of CP1, then on to CP2."),
        ({"next_step": "", "rework_return": "BUMP"}, "Track in at CP1, then on to BUMP."),
        ({"is_outsourced": True}, "Track out of CP1 when OSAT1 reports it, then on to CP2."),
        ({"state": "shipped"}, "Receive it where it arrives."),
        ({"state": "banked"}, "Take it out of the bank when it is needed."),
        ({"state": "scrapped"}, "Nothing; its way has ended."),
    ],
)
def test_what_a_free_lot_waits_for(changed: dict[str, object], sentence: str) -> None:
    assert next_decision(replace(WAITING, **changed), []) == sentence  # type: ignore[arg-type]


def test_the_hold_that_is_due_first_comes_first() -> None:
    assert next_decision(WAITING, [WATER, EDGE]) == (
        "Decision on the hold (Edge ring): Quality (ann) by 4 Mar 2026."
    )


def test_a_hold_without_owner_or_day_says_so() -> None:
    assert next_decision(WAITING, [WATER]) == (
        "Decision on the hold (Water): Engineering, nobody named."
    )
