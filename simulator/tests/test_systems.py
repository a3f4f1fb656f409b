from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.desk import Desk
from simulator.floor import Chips, Floor
from simulator.outbox import Outbox
from simulator.systems import LONE, US64, US144, run_system, take_chips
from simulator.truth import Truth

END = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    outbox = Outbox(tmp_path, END)
    floor = Floor(1, outbox, Desk(1, outbox), Truth(1, 60, END.isoformat()))
    for day in (2, 1):
        serials = [f"T3-{day}-{number}" for number in range(12)]
        floor.stock.append(Chips(f"L{day}", END.replace(month=9, day=day), serials))
    return floor


@pytest.mark.parametrize(("model", "chips"), [(US64, 64), (US144, 144), (LONE, 16)])
def test_a_model_knows_how_many_chips_it_takes(model: object, chips: int) -> None:
    assert model.chip_count == chips  # type: ignore[attr-defined]


def test_the_oldest_chips_are_taken_first(floor: Floor) -> None:
    taken = take_chips(floor, 16)
    assert taken is not None
    serials, lots, ready_at = taken
    assert lots == ["L1", "L2"]
    assert serials[:12] == [f"T3-1-{number}" for number in range(12)]
    assert ready_at == END.replace(month=9, day=2)
    assert sum(len(chips.serials) for chips in floor.stock) == 8


def test_nothing_is_built_when_chips_are_wanting(floor: Floor) -> None:
    assert not run_system(floor, US64, 1, ("N1", []))
    assert floor.figures["racks"] == 0


def test_a_single_server_is_built_and_placed(floor: Floor) -> None:
    assert run_system(floor, LONE, 1, ("N1", []))
    assert floor.figures["racks"] == 1


def test_what_would_be_built_after_the_end_is_not_reported(floor: Floor) -> None:
    for chips in floor.stock:
        chips.stocked_at = END
    run_system(floor, LONE, 1, ("N1", []))
    assert floor.outbox.file_count == 0
