"""Changed figures and identity conflicts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from operations.tests.line import Line, step
from testing.domain.words import RestatementCause, RetestPolicy
from testing.models import IdentityConflict, LotStep, UnitResult
from testing.services import record_run, restate_lot_step
from testing.tests.builders import Part, Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def sort(line: Line) -> LotStep:
    return LotStep.objects.get(lot=line.wafer_lot, step__code="CP1")


@pytest.fixture
def conflict(sort: LotStep) -> IdentityConflict:
    die = UnitResult.objects.filter(lot_step=sort).earliest("id")
    return IdentityConflict.objects.create(
        lot_step=sort,
        kind="two-ids",
        subject=f"{die.wafer_id}:{die.x}:{die.y}",
        names="ECID-1, ECID-2",
    )


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_changes_are_listed_with_the_figures_before(
    sort: LotStep, as_role: Callable[[str], Client]
) -> None:
    restate_lot_step(lot_step_id=sort.pk, cause=RestatementCause.POLICY, policy=RetestPolicy.BEST)
    text = text_of(as_role("Auditor"), "/restatements?cause=policy")
    assert "last-v1 →" in text
    assert sort.lot.code in text


def test_first_files_are_left_out_unless_asked_for(
    sort: LotStep, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Auditor")
    assert "No figure changed that fits" in text_of(client, "/restatements?cause=copy")
    assert "First</span>" not in text_of(client, "/restatements")
    assert "First</span>" in text_of(client, f"/restatements?lot={sort.lot.code}&step=CP1")


@pytest.mark.parametrize(
    "address",
    [
        "/restatements?cause=x", "/restatements?page=9", "/conflicts?kind=x", "/conflicts?page=9",
        "/conflicts/999999",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(
    line: Line, address: str, as_role: Callable[[str], Client]
) -> None:
    assert as_role("Auditor").get(address).status_code == 404


def test_lot_and_run_pages_lead_to_both(
    conflict: IdentityConflict, as_role: Callable[[str], Client]
) -> None:
    client, lot = as_role("Auditor"), conflict.lot_step.lot
    text = text_of(client, f"/lots/{lot.code}")
    assert f"/restatements?lot={lot.code}" in text
    assert "1 identity contradicts another" in text
    run = conflict.lot_step.runs.earliest("id")
    text = text_of(client, f"/runs/{run.source_sha256}")
    assert f"/restatements?lot={lot.code}&amp;step=CP1" in text
    assert f"/conflicts?lot={lot.code}&amp;step=CP1" in text


def test_open_conflicts_are_listed_with_their_wafer(
    conflict: IdentityConflict, as_role: Callable[[str], Client]
) -> None:
    wafer = conflict.lot_step.lot.wafers.get(pk=conflict.places[0][0])
    client = as_role("Auditor")
    text = text_of(client, f"/conflicts?lot={conflict.lot_step.lot.code}&step=CP1")
    assert f"{wafer.code} at " in text
    assert "No conflict fits" in text_of(client, "/conflicts?verdict=same")


def test_a_conflict_shows_the_insertions_behind_it(
    conflict: IdentityConflict, as_role: Callable[[str], Client]
) -> None:
    text = text_of(as_role("Auditor"), f"/conflicts/{conflict.pk}")
    assert "One position under 2 part ids" in text
    assert conflict.lot_step.runs.earliest("id").tester.code in text
    assert "Your role may not decide it" in text


def test_an_id_at_two_positions_shows_every_insertion_of_the_id(
    sort: LotStep, as_role: Callable[[str], Client]
) -> None:
    die = UnitResult.objects.filter(lot_step=sort).earliest("id")
    place = f"{die.wafer_id}:{die.x}:{die.y}"
    conflict = IdentityConflict.objects.create(
        lot_step=sort, kind="two-places", subject="NOBODY-1", names=f"{place}, {place}"
    )
    text = text_of(as_role("Auditor"), f"/conflicts/{conflict.pk}")
    assert "One part id at 2 positions" in text
    assert "No insertion stands behind it" in text


ANSWERS = {"verdict": "different", "reason": "both are on the map", "seen": "open"}


def test_a_decision_is_kept_and_restates(
    conflict: IdentityConflict, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Test engineer")
    answer = client.post(f"/conflicts/{conflict.pk}", ANSWERS, follow=True)
    assert "both are on the map" in answer.content.decode()
    assert conflict.lot_step.restatements.latest("revision").cause == "identity"


def test_a_decision_is_refused_with_its_reason(
    conflict: IdentityConflict, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Test engineer")
    assert client.post(f"/conflicts/{conflict.pk}", {**ANSWERS, "seen": "same"}).status_code == 412
    answer = client.post(f"/conflicts/{conflict.pk}", {**ANSWERS, "reason": ""})
    assert "This field is required" in answer.content.decode()
    assert not conflict.decisions.exists()


def test_an_auditor_decides_nothing(
    conflict: IdentityConflict, as_role: Callable[[str], Client]
) -> None:
    assert as_role("Auditor").post(f"/conflicts/{conflict.pk}", ANSWERS).status_code == 403


def test_sessions_that_count_their_parts_are_told_on_the_run_and_decided(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    lot = line.chip_lot
    runs = []
    for sha256, hours in (("a", 0), ("b", 4)):
        session = Session(
            lot_id=lot.pk,
            step_id=step(lot.route_version.route.code, "FT-HOT").pk,
            product_id=lot.product_id,
            parts=[Part(part_id=str(number)) for number in range(1, 4)],
            sha256=sha256 * 64,
            hours=hours,
        )
        runs.append(record_run(session.record()))
    client, run = as_role("Quality"), runs[-1]
    conflict = IdentityConflict.objects.get(kind="counted")
    assert "Say whether they are the same units" in text_of(client, f"/runs/{run.key}")
    assert "Counted" in text_of(client, f"/lots/{lot.code}/results")
    assert "in each of 2 sessions" in text_of(client, "/conflicts")
    page = text_of(client, f"/conflicts/{conflict.pk}")
    assert "2 sessions that each count their parts" in page
    assert "other units in each session" in page
    before = LotStep.objects.get(pk=run.lot_step_id).unit_count
    answers = {"verdict": "different", "reason": "two trays", "seen": "open"}
    client.post(f"/conflicts/{conflict.pk}", answers)
    run.lot_step.refresh_from_db()
    assert run.lot_step.unit_count == before + 3
    assert "Say whether" not in text_of(client, f"/runs/{run.key}")
