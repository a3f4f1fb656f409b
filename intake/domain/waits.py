"""What a parked row waits for, in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WORDS = {"lot": "lot", "wafer": "wafer", "run": "test run", "rack": "rack", "serial": "unit"}
NAMED_MAX = 3


def awaited(fields: Mapping[str, object]) -> str:
    """From the values behind a refusal; "" where they do not say. `release of lot W1`."""
    lot = fields.get("lot")
    if fields.get("holds"):
        return f"release of lot {lot}"
    if fields.get("state"):
        return f"change of lot {lot}, now {fields['state']}"
    serials = fields.get("serials")
    if isinstance(serials, Sequence) and not isinstance(serials, str) and serials:
        return f"units {', '.join(str(serial) for serial in serials[:NAMED_MAX])}"
    return next((f"{word} {fields[name]}" for name, word in WORDS.items() if fields.get(name)), "")
