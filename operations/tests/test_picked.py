"""What forms say was ticked, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from operations.tests.line import Line
from operations.views.page import picked_ids

pytestmark = pytest.mark.django_db
NONSENSE = ("²", "٣", "-1", "", "x", "9" * 19, "9" * 5000)


def test_only_what_can_be_an_id_is_picked() -> None:
    assert picked_ids(["7", *NONSENSE, "9" * 18]) == [7, 10**18 - 1]


@pytest.mark.parametrize(
    "address",
    [
        "/files/rows/replay",
        "/jobs/new?verb=hold",
        "/holds/do/release",
        "/issues/do/assign",
        "/jobs/new?verb=move",
    ],
)
def test_nonsense_ticked_in_a_list_is_told_on_a_page(
    address: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Administrator").post(address, {"pick": [*NONSENSE, "9" * 18]})
    assert answer.status_code in {200, 404}
