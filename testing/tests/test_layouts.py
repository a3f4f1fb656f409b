from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from supplychain.base.errors import MalformedError
from testing.domain.layouts import layout_fault, layout_rows, off_layout
from testing.models import BoardLayout, Equipment
from testing.services import record_board_layout

ROWS = [["S01", "S02"], ["S03", ""]]


def test_rows_reach_to_the_outermost_socket_and_gaps_are_empty() -> None:
    assert layout_rows({(1, 1): "S01", (2, 3): "S02"}) == [["S01", "", ""], ["", "", "S02"]]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (ROWS, ""),
        ("S01", "lists of names"),
        ([], "lists of names"),
        (["S01"], "lists of names"),
        ([["S01"], ["S02", "S03"]], "as many places"),
        ([[]], "as many places"),
        ([["S01"] * 101], "at most 100"),
        ([["S" * 17]], "at most 16"),
        ([[1]], "at most 16"),
        ([["", ""]], "at least one"),
        ([["S02", "S01"], ["S01", "S02"]], "Socket S01 stands at two places"),
    ],
)
def test_a_layout_has_rows_of_one_length_and_each_socket_once(rows: object, fault: str) -> None:
    assert fault in layout_fault(rows)
    assert bool(fault) is bool(layout_fault(rows))


def test_a_socket_that_the_layout_does_not_have_is_off_it() -> None:
    assert off_layout(["S03", "S09", "S01"], ROWS) == ["S09"]


@pytest.mark.django_db
def test_a_layout_is_stated_for_its_boards_and_stated_anew() -> None:
    first = record_board_layout(code="BIB-A", sockets=ROWS, boards=["BIB-1", "BIB-2"])
    again = record_board_layout(code="BIB-A", sockets=[["X1"]], boards=["BIB-1"])
    assert (first, again.sockets) == (again, [["X1"]])
    boards = Equipment.objects.filter(layout=first).values_list("code", "kind")
    assert sorted(boards) == [("BIB-1", "burn-in-board"), ("BIB-2", "burn-in-board")]


@pytest.mark.django_db
def test_what_is_no_layout_is_refused_by_import_and_by_hand() -> None:
    with pytest.raises(MalformedError, match="two places"):
        record_board_layout(code="BIB-A", sockets=[["S01", "S01"]], boards=[])
    with pytest.raises(ValidationError, match="two places"):
        BoardLayout(code="BIB-A", sockets=[["S01", "S01"]]).full_clean()
    assert not BoardLayout.objects.exists()
