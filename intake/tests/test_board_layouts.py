from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.domain.words import FileState
from intake.models import FeedRow
from intake.tests.handing import loaded
from intake.tests.handing import table as table_of
from intake.tests.test_other_feeds import ASSEMBLY, builds, burn_in
from lots.models import Lot
from lots.tests.making import die_lot, good_units
from testing.models import BoardLayout

pytestmark = pytest.mark.django_db
HEAD = "layout,row,column,socket,boards\n"


@pytest.fixture
def packages(material: Path) -> Lot:
    dies = good_units(die_lot("W1", wafers=1, dies=2))
    loaded(table_of(ASSEMBLY, *builds(dies)), "p1.assembly.csv")
    return Lot.objects.get(code="P1")


def table(*lines: str) -> bytes:
    return (HEAD + "\n".join(lines) + "\n").encode()


def test_a_table_states_the_layouts_of_boards(material: Path) -> None:
    file = loaded(
        table("A,1,1,S01,BIB-1 BIB-2", "A,1,2,S02,", "B,2,1,T01,BIB-3", "A,2,2,S03,"),
        "boards.csv",
    )
    assert (file.kind, file.state, file.summary["rows"]) == ("board-layout", FileState.LOADED, 4)
    first, second = BoardLayout.objects.all()
    assert first.sockets == [["S01", "S02"], ["", "S03"]]
    assert second.sockets == [[""], ["T01"]]
    assert sorted(first.boards.values_list("code", flat=True)) == ["BIB-1", "BIB-2"]


def test_lines_that_are_no_socket_go_to_quarantine_and_the_rest_counts(material: Path) -> None:
    file = loaded(
        table(
            "A,1,1,S01,", "A,1,1,S02,", "A,0,1,S03,", "A,1,x,S04,", "A,1,2,,", ",1,1,S05,",
            f"{'L' * 65},1,1,S06,", "A,1,101,S07,", "A,2,1",
        ),
        "x.boardlayout.csv",
    )  # fmt: skip
    assert BoardLayout.objects.get().sockets == [["S01"]]
    assert file.state == FileState.PARTIAL
    assert FeedRow.objects.filter(state="quarantined").count() == 8


def test_a_socket_twice_in_one_layout_is_told(material: Path) -> None:
    loaded(table("A,1,1,S01,", "A,1,2,S01,"), "boards.csv")
    assert "Socket S01 stands at two places" in FeedRow.objects.get().reason
    assert not BoardLayout.objects.exists()


def test_a_load_in_sockets_off_the_layout_is_recorded_and_told(packages: Lot) -> None:
    document = burn_in()
    unit = json.loads(document)["units"][0]
    loaded(table(f"A,1,1,ELSEWHERE,{unit['board']}"), "boards.csv")
    loaded(document, "load.burnin.json")
    row = FeedRow.objects.get(file__kind="burn-in")
    assert row.state == "applied"
    assert f"{unit['board']}/{unit['socket']}" in row.reason


def test_a_load_on_the_layout_is_told_nothing(packages: Lot) -> None:
    document = burn_in()
    units = json.loads(document)["units"]
    rows = [
        f"{unit['board']},1,{place},{unit['socket']},{unit['board']}"
        for place, unit in enumerate(units, 1)
    ]
    loaded(table(*rows), "boards.csv")
    loaded(document, "load.burnin.json")
    assert FeedRow.objects.get(file__kind="burn-in").reason == ""
