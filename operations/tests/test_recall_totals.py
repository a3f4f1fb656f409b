"""What pages of recalls say of how much there is, read without counting every item."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from operations.domain.recall_questions import Question
from operations.domain.words import Origin
from operations.models import RecallCase
from operations.selectors import recall_cases
from operations.selectors.recall_cases import (
    ItemsWanted,
    elsewhere_of,
    item_counts,
    listed_cases,
    racks_of,
    systems_of,
)
from operations.services.recalls import open_case, refresh_case, settle_items
from operations.tests.line import Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(line: Line) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def case(owner: User) -> RecallCase:
    question = Question(Origin.LOT, names=("AQ17",))
    return open_case(question=question, title="Underfill", reason="Voids", actor=owner)


def test_the_list_of_cases_reads_no_item(case: RecallCase) -> None:
    with CaptureQueriesContext(connection) as queries:
        (listed,) = listed_cases()
    assert (listed.listed_count, listed.open_count) == (16, 16)
    assert not any("recallitem" in query["sql"] for query in queries)


def test_what_a_case_says_of_itself_is_what_it_lists(case: RecallCase, owner: User) -> None:
    settle_items(case=case, wanted=ItemsWanted(place="wip"), reason="ok", actor=owner)
    case.refresh_from_db()
    assert (case.listed_count, case.open_count) == (16, 8) == item_counts(case)
    case.items.filter(place="wip").delete()
    refresh_case(case=case)
    case.refresh_from_db()
    assert (case.listed_count, case.open_count) == (16, 16) == item_counts(case)


def test_a_table_that_is_cut_tells_how_much_there_is(
    case: RecallCase, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_cases, "ROWS_MAX", 1)
    for place, item in enumerate(case.items.filter(place="deployed").order_by("id")[:3]):
        item.customer = f"Customer {place}"
        item.ultraserver = line.server_lot.units.order_by("id")[place % 2]
        item.save()
    found: list[Any] = [racks_of(case), systems_of(case), elsewhere_of(case)]
    assert [(len(one.rows), one.count) for one in found] == [(1, 4), (1, 2), (1, 1)]
    assert [(one.name, one.quantity) for one in racks_of(case).rows] == [("RK-0007", 5)]


def test_nothing_exposed_is_told_as_none(case: RecallCase, owner: User) -> None:
    settle_items(case=case, wanted=ItemsWanted(), reason="ok", actor=owner)
    assert (racks_of(case).count, systems_of(case).count, elsewhere_of(case).count) == (0, 0, 0)
