from __future__ import annotations

from itertools import count

import pytest

from finance.services import post_events
from finance.tests import line
from finance.tests.line import assembled, diced, good_units, kept_line, moved, shipped, wafer_lot
from finance.tests.memory import approve_parts_cost
from tests.kept_rows import load_kept


@pytest.fixture
def first_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens in the test begins on the first day, however many tests went before."""
    monkeypatch.setattr(line, "numbers", count(1))


@pytest.fixture
def books(db: None) -> None:
    """Products, routes, costs and periods, without the other rooms."""
    load_kept("lots", "finance")


@pytest.fixture
def parts_cost(books: None) -> None:
    """Stacks of memory cost 300."""
    approve_parts_cost()


@pytest.fixture
def servers(books: None) -> None:
    """Two in service and one that still waits for its acceptance; spare chips stay at the ODM."""
    kept_line("servers", make_servers)


def make_servers() -> None:
    wafers = shipped(wafer_lot("W1", 1, step="WAT"), "OSAT1", "RCV")
    dies = good_units(diced(moved(wafers, "BUMP", "CP1", "CP2", "DICE"), good=60))
    pairs = [dies[place : place + 2] for place in range(0, 28, 2)]
    chips = moved(assembled("P1", "TRN3", ("A", "COWOS", "OSAT1"), pairs), "FT-HOT", "BI")
    units = good_units(shipped(moved(chips, "FT-COLD", "SLT", "SHIP"), "ODM1", "STOCK"))
    for code, builds in [("S1", [units[:4], units[4:8]]), ("S2", [units[8:12]])]:
        lot = assembled(code, "TRN3-SRV4", ("E", "SERVER", "ODM1"), builds)
        lot = moved(lot, "RACK", "LEAK", "RSOAK", "SHIP", "PLACE", "LOOP")
        if code == "S1":
            moved(lot, "CLUSTER", "SSOAK", "ACCEPT")
    post_events()
