"""What speaks against an act on many lots is said lot by lot before anybody agrees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lots.models import Hold, Lot
from lots.services import move_lot, release_hold
from operations.models import BulkItem, BulkJob
from operations.selectors.warnings import warnings_of
from operations.services.bulk_work import work_owed
from operations.tests.line import Line, command, step, wafer_lot

pytestmark = pytest.mark.django_db
ISSUE = "Bin 5 above its limit"


def tried(client: Client, verb: str, codes: list[str], **answers: str) -> BulkJob:
    """A job over these lots, tried by a worker."""
    picked = list(Lot.objects.filter(code__in=codes).values_list("pk", flat=True))
    asked = {"verb": verb, "scope": "picked", "pick": picked, "go": "check", **answers}
    answer = client.post("/jobs/new", asked)
    assert answer.status_code == 302, answer.content.decode()
    while work_owed(now=timezone.now()):
        pass
    return BulkJob.objects.get()


def release(lot: Lot) -> Lot:
    """The lot without its hold."""
    release_hold(hold=Hold.objects.get(lot=lot), disposition="Use as is", command=command(2))
    return Lot.objects.get(pk=lot.pk)


def test_a_bulk_move_warns_of_each_lot_as_the_single_one_does(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    job = tried(client, "move", ["W7Q1", "W7Q3"], to_step="COWOS")
    said = {item.lot.code: " ".join(item.warnings) for item in job.items.select_related("lot")}
    assert ISSUE in said["W7Q1"]
    assert ISSUE not in said["W7Q3"]
    assert "CP1, " in said["W7Q3"]
    text = client.get(f"/jobs/{job.pk}").content.decode()
    before_the_button, _ = text.split('value="start"')
    assert "Look at this first: 2 of the lots" in before_the_button
    assert ISSUE in before_the_button
    shown = client.get(f"/jobs/{job.pk}?warned=1").content.decode()
    assert shown.count(ISSUE) == 2, "first of all, and beside its lot"


def test_lots_without_warnings_can_be_left_out_of_the_list(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    job = tried(client, "move", ["W7Q1", "W7Q3"], to_step="WAT")
    BulkItem.objects.filter(lot__code="W7Q1").update(warnings=[ISSUE])
    text = client.get(f"/jobs/{job.pk}?warned=1").content.decode()
    table = text[text.index('id="job-lots"') :]
    assert ">W7Q1<" in table
    assert ">W7Q3<" not in table


def test_a_refused_lot_is_not_warned_of(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    job = tried(client, "move", ["W7Q2"], to_step="DICE")
    item = job.items.get()
    assert item.state == "failed"
    assert item.warnings == []
    assert "Look at this first" not in client.get(f"/jobs/{job.pk}").content.decode()


def test_tracking_out_warns_of_open_issues_and_of_the_step_left_alone(line: Line) -> None:
    lot = Lot.objects.get(code="W7Q2")
    move_lot(lot=release(lot), to_step=step("A", "CP2"), command=command(1))
    lot.refresh_from_db()
    said = [str(one) for one in warnings_of("track-out", [lot])]
    assert [text for text in said if "required" in text] == [
        "CP2, Wafer sort 2: required, and 3 of lot W7Q2 without results."
    ]
    assert any("below its limit" in text for text in said)


def test_acts_that_leave_a_lot_where_it_is_warn_of_nothing(line: Line) -> None:
    assert warnings_of("hold", [line.wafer_lot]) == []


def test_the_queries_do_not_grow_with_the_lots(line: Line) -> None:
    wafer_lot("W7Q9", 3, 60)

    def counted(codes: list[str]) -> int:
        lots = list(Lot.objects.filter(code__in=codes).select_related("step", "route_version"))
        with CaptureQueriesContext(connection) as queries:
            said = warnings_of("move", lots, "DICE")
        assert {one.lot.code for one in said} == set(codes)
        return len(queries)

    assert counted(["W7Q3", "W7Q9"]) == counted(["W7Q3"])


@pytest.mark.parametrize("word", ["NOWHERE", "cp1"])
def test_a_step_that_no_route_has_is_refused_in_the_form(
    line: Line, as_role: Callable[[str], Client], word: str
) -> None:
    picked = Lot.objects.get(code="W7Q3").pk
    asked = {"verb": "move", "scope": "picked", "pick": picked, "go": "check", "to_step": word}
    text = as_role("Operator").post("/jobs/new", asked).content.decode()
    assert f"No route has a step {word}" in text
    assert not BulkJob.objects.exists()


def test_a_check_that_refused_every_lot_counts_no_sample(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    job = tried(client, "move", ["W7Q2"], to_step="FT-HOT")
    text = client.get(f"/jobs/{job.pk}").content.decode()
    assert "Every lot was refused." in text
    assert "the first 0" not in text
