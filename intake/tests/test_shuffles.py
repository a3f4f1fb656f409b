"""Whatever the order rows come in, the balances are the same, or rows are parked with a reason."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from intake.tests.shuffling import alike, differences, history, in_order, settled, shuffled

pytestmark = pytest.mark.django_db

SHUFFLES = int(os.environ.get("FEED_SHUFFLES", "3"))
ROWS = int(os.environ.get("FEED_ROWS", "100"))
SEED = 20260301
OPEN_MAX = 0.1
ALIKE_MIN = 0.6


def test_shuffled_reports_end_in_the_same_balances(material: Path) -> None:
    rows = history(Random(SEED), ROWS)  # noqa: S311 (a seeded test)
    true = settled(in_order(rows), "true")
    assert true.counts == {"applied": ROWS}
    for number in range(SHUFFLES):
        seeded = Random(SEED + number)  # noqa: S311 (a seeded test)
        found = settled(shuffled(seeded, rows), f"shuffle{number}")
        assert differences(true, found) == {}, f"shuffle {number}"
        assert alike(true, found) >= ALIKE_MIN
        assert found.open_count <= OPEN_MAX * ROWS, found.counts
