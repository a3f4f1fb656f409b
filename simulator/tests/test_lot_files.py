"""Lots of outcomes alone, as files."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from simulator.lot_files import lot_files, touches_of
from simulator.streams import Harm, Trouble, lot_at

SEED = 970
T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("number", "step"), [(1, "CP1"), (2, "FT-COLD")])
def test_equal_lots_give_equal_bytes(number: int, step: str) -> None:
    first, second = (list(lot_files(lot_at(SEED, number, step), SEED, T0)) for _ in range(2))
    assert first == second


def test_a_lot_has_a_session_for_each_tester_and_a_report_for_each_oven() -> None:
    lot = lot_at(SEED, 2, "FT-COLD")
    tools = sorted({*lot.tester.tolist(), *lot.oven.tolist()})
    names = [file.name.split(".")[0] for file in lot_files(lot, SEED, T0)]
    assert sorted(names) == sorted(f"{lot.code}_FT-COLD_{tool}" for tool in tools)


def test_no_site_is_touched_twice_at_once() -> None:
    lot = lot_at(SEED, 1, "CP1", Trouble(Harm.PARTIAL, "CP1"))
    touches = touches_of(lot, np.arange(len(lot.first_bin)))
    pairs = list(zip(touches.group.tolist(), touches.site.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)


def test_each_retested_unit_is_touched_twice_the_second_time_with_its_last_bin() -> None:
    lot = lot_at(SEED, 2, "FT-HOT")
    touches = touches_of(lot, np.arange(len(lot.first_bin)))
    assert int(touches.is_retest.sum()) == int(lot.is_retested.sum())
    again = np.flatnonzero(touches.is_retest)
    passed = touches.failing[again] < 0
    units = [int(touches.part_ids[place][-4:]) - 1 for place in again]
    assert passed.tolist() == (lot.final_bin[units] == 0).tolist()
