"""A recall of parts without serials says how many builds named no lot of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lots.models import Lot
from operations.selectors.unnamed import unnamed_builds
from operations.tests.line import Line
from operations.tests.materials import cpus, server_with

pytestmark = pytest.mark.django_db


def counted(*codes: str) -> list[tuple[str, int, int]]:
    lots = Lot.objects.filter(code__in=codes).values_list("id", flat=True)
    found = unnamed_builds(list(lots))
    return [(one.product, one.assembly_count, one.unit_count) for one in found]


@pytest.fixture
def before(line: Line) -> int:
    """Servers of the line itself built since the lot came, without a word on their CPUs."""
    cpus("CPU-A", 5)
    return counted("CPU-A")[0][2]


def test_builds_that_named_no_lot_are_counted_once_the_suspect_was_there(
    line: Line, before: int
) -> None:
    server_with(line, "SRV-A", "CPU-A")
    assert counted("CPU-A")[0][2] == before
    server_with(line, "SRV-B", "")
    cpus("CPU-B", 5)
    assert counted("CPU-A")[0][2] == counted("CPU-A", "CPU-B")[0][2] == before + 1


def test_builds_before_the_suspect_came_are_not(line: Line, before: int) -> None:
    server_with(line, "SRV-B", "", days_ago=31)
    assert counted("CPU-A")[0][2] == before


def test_what_no_bill_takes_without_serials_warns_of_nothing(line: Line) -> None:
    assert counted(line.chip_lot.code) == []
    assert unnamed_builds([]) == []


def test_the_preview_warns_on_its_page_and_over_the_api(
    line: Line, before: int, as_role: Callable[[str], Client]
) -> None:
    server_with(line, "SRV-B", "")
    client = as_role("Quality")
    posted = {"names": "CPU-A", "go": "try"}
    page = client.post("/recalls/new?origin=lot", posted).content.decode()
    assert f"{before + 1} units built since" in page
    assert "named no lot of it" in page
    assert "SRV-B" not in page
    asked = {"origin": "lot", "names": ["CPU-A"]}
    body = client.post("/api/v1/recalls/preview", asked, content_type="application/json").json()
    (told,) = body["unnamed_builds"]
    assert (told["product"], told["unit_count"]) == ("CPU-1", before + 1)
    named = client.post("/recalls/new?origin=lot", {"names": "AQ17", "go": "try"})
    assert "named no lot of it" not in named.content.decode()
