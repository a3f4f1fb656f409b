from __future__ import annotations

import pytest

from lots.tests.making import built, chip_order, die_lot, good_units

pytestmark = pytest.mark.usefixtures("catalogue")


def test_smoke() -> None:
    lot = die_lot()
    chips = built(chip_order("P1", good_units(lot)[:4]))
    assert chips.quantity == 2
