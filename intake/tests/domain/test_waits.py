from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.waits import ANYTHING, KEY_CHARACTERS, swept_at, told_keys, wake_keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "fields", "keys"),
    [
        ({"verb": "move", "lot": "W1"}, {"lot": "W1"}, ("lot:W1",)),
        ({"verb": "merge", "lot": "W1.1", "to_lot": "W1"}, {}, ("lot:W1.1", "lot:W1")),
        ({"lot": "P1"}, {"serials": ["A", "B"]}, ("unit:A", "unit:B")),
        ({"what": "bins"}, {"wafer": "W1-01"}, ("wafer:W1-01",)),
        ({"serial": "S"}, {"rack": "R1"}, ("rack:R1",)),
        ({"verb": "move", "lot": ""}, {"lot": "", "serials": "A"}, (ANYTHING,)),
    ],
)
def test_a_parked_row_names_what_wakes_it(
    content: dict[str, object], fields: dict[str, object], keys: tuple[str, ...]
) -> None:
    assert wake_keys(content, fields) == keys


def test_a_key_is_never_longer_than_its_column() -> None:
    (key,) = wake_keys({}, {"lot": "W" * 500})
    assert len(key) == KEY_CHARACTERS


def test_a_settled_row_wakes_what_waits_behind_it_and_for_its_lots_and_rack() -> None:
    assert told_keys(7, {"lot": "W1", "rack": ""}) == ["row:7", "lot:W1"]
    assert told_keys(7, {"verb": "move", "lot": "W1"}) == ["row:7"]
    assert told_keys(7, {"rack_serial": "R1"}) == ["row:7", "rack:R1"]


@pytest.mark.parametrize(
    ("waited", "pause"),
    [(0, 5), (8, 5), (30, 15), (119, 59.5), (10_000, 60)],
)
def test_a_row_is_swept_rarer_the_longer_it_waits(waited: float, pause: float) -> None:
    assert swept_at(NOW, NOW - timedelta(minutes=waited)) == NOW + timedelta(minutes=pause)
