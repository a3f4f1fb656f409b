from __future__ import annotations

from typing import Any

import pytest

from lots.domain.pilots import Pilot, PilotState, pilot_state, pilot_words
from lots.domain.words import LotState


def pilot(**changes: Any) -> Pilot:
    said = {
        "code": "P1", "state": LotState.ACTIVE, "step": "BUMP", "decides_at": "CP1",
        "is_past": False, "is_held": False,
    }  # fmt: skip
    return Pilot(**{**said, **changes})


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, PilotState.AHEAD, "Pilot P1 is at BUMP; CP1 decides."),
        (
            {"is_past": True, "step": "CP2"},
            PilotState.PASSED,
            "Pilot P1 has passed CP1; the hold can be released.",
        ),
        (
            {"is_past": True, "state": LotState.FINISHED},
            PilotState.PASSED,
            "Pilot P1 has passed CP1; the hold can be released.",
        ),
        (
            {"state": LotState.SCRAPPED, "is_past": True},
            PilotState.FAILED,
            "Pilot P1 was scrapped at BUMP; the lot waits until someone decides.",
        ),
        (
            {"state": LotState.FINISHED},
            PilotState.FAILED,
            "Pilot P1 ended at BUMP; the lot waits until someone decides.",
        ),
        (
            {"is_held": True, "is_past": True},
            PilotState.FAILED,
            "Pilot P1 is on hold at BUMP; the lot waits until someone decides.",
        ),
        (
            {"against": ("Q-1", "Q-2"), "is_past": True},
            PilotState.FAILED,
            "Pilot P1 has open issues: Q-1, Q-2; the lot waits until someone decides.",
        ),
    ],
)
def test_what_a_pilot_says(changes: dict[str, Any], state: PilotState, words: str) -> None:
    one = pilot(**changes)
    assert (pilot_state(one), pilot_words(one)) == (state, words)
