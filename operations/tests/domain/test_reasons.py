from __future__ import annotations

from typing import Any

import pytest

from operations.domain.reasons import event_reason


@pytest.mark.parametrize(
    ("verb", "reason", "comment", "payload", "words"),
    [
        ("move", "", "", {}, ""),
        ("move", "", "by hand", {}, "by hand"),
        ("scrap", "test-reject", "lot was wet", {}, "test reject: lot was wet"),
        ("hold", "", "", {"reason": "edge ring"}, "edge ring"),
        ("hold", "edge ring", "", {"reason": "edge ring"}, "edge ring"),
        ("release", "", "", {"disposition": "use as is"}, "use as is"),
        ("correct", "wrong lot", "", {"verb": "move", "seq": 7},
         "wrong lot: takes back move, event 7"),
        ("ship", "", "", {"to": "OSAT1"}, "to OSAT1"),
        ("ship", "", "", {}, ""),
    ],
)  # fmt: skip
def test_an_event_says_why(
    verb: str, reason: str, comment: str, payload: dict[str, Any], words: str
) -> None:
    assert event_reason(verb, reason, comment, payload) == words
