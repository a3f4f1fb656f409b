"""Why an event was recorded, in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lots.domain.words import Title, Verb


def event_reason(verb: str, reason: str, comment: str, payload: Mapping[str, Any]) -> str:
    """The reason and the comment, with what the verb itself says; "" for none.

    A hold: why it stops. A release: its disposition. A correction: what it takes back. A shipment:
    where to. A reason code is said in words: `test-reject` as `test reject`.
    """
    own = {
        Verb.HOLD: payload.get("reason", ""),
        Verb.RELEASE: payload.get("disposition", ""),
        Verb.CORRECT: f"takes back {payload.get('verb', '')}, event {payload.get('seq', '')}",
        Verb.SHIP: _shipment(payload),
    }.get(Verb(verb), "")
    said = [reason.replace("-", " "), own if own != reason else "", comment]
    return ": ".join(word for word in said if word)


def _shipment(payload: Mapping[str, Any]) -> str:
    where = f"to {payload['to']}" if payload.get("to") else ""
    bought = "title passes" if payload.get("title") == Title.ON_SHIPMENT else ""
    return ", ".join(word for word in (where, bought) if word)
