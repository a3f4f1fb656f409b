"""Who decides on a hold, and what it stops, by every door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from lots.domain.commands import Command
from lots.domain.words import Source, UnitOfMeasure
from lots.models import FutureAction, Hold, Lot
from lots.services import move_lot
from operations.forms.bulk import BulkHoldForm
from operations.services.bulk_acts import BULK_ACTS, wish_of
from operations.services.bulk_work import work_owed
from operations.tests.line import Line, command, step
from operations.tests.test_more_acts import Acting, somebody

__all__ = ["somebody"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def decider(line: Line, person: Callable[[str], User]) -> User:
    return person("Quality")


def sent(client: Client, key: str, **body: Any) -> Any:
    asked = {
        "verb": "hold", "occurred_at": timezone.now().isoformat(), "hold_class": "quality",
        "hold_reason": key, **body,
    }  # fmt: skip
    return client.post(
        "/api/v1/lots/AQ17/events", asked, "application/json", headers={"Idempotency-Key": key}
    )


def test_the_api_names_who_decides(somebody: Acting, decider: User) -> None:
    assert sent(somebody.client, "named", owner="quality").status_code == 200
    assert sent(somebody.client, "nobody", owner="").status_code == 200
    assert sent(somebody.client, "caller").status_code == 200
    owners = dict(Hold.objects.filter(lot__code="AQ17").values_list("reason", "owner__username"))
    assert owners == {"named": "quality", "nobody": None, "caller": "administrator"}


def test_an_owner_that_is_not_there_or_left_is_refused(somebody: Acting, decider: User) -> None:
    assert sent(somebody.client, "x", owner="ghost").status_code == 404
    User.objects.filter(pk=decider.pk).update(is_active=False)
    assert sent(somebody.client, "y", owner="quality").status_code == 404


def test_holds_on_many_lots_have_an_owner_and_a_role(line: Line, decider: User) -> None:
    role = Group.objects.get(name="Quality")
    form = BulkHoldForm(
        {"hold_class": "quality", "hold_reason": "look", "owner": "quality",
         "releasing_role": "Quality"}
    )  # fmt: skip
    assert form.is_valid(), form.errors
    body = form.body()
    assert (body["owner"], body["releasing_role"]) == ("quality", "Quality")
    now = timezone.now()
    wish = wish_of("hold", body, now.isoformat())
    BULK_ACTS["hold"].run(line.chip_lot, wish, Command("bulk:1", now, Source.PERSON))
    hold = Hold.objects.get(reason="look")
    assert (hold.owner, hold.releasing_role) == (decider, role)


def test_a_name_that_nobody_has_is_refused(line: Line) -> None:
    given = {"hold_class": "quality", "hold_reason": "x", "owner": "ghost", "releasing_role": "g"}
    errors = BulkHoldForm(given).errors
    assert errors["owner"] == ["Nobody active signs in by that name."]
    assert errors["releasing_role"] == ["There is no role of that name."]


def held_together(client: Client, lots: list[Lot], **answers: str) -> str:
    """The page of a job that holds these lots, as a worker tried it."""
    asked = {
        "verb": "hold", "scope": "picked", "pick": [lot.pk for lot in lots], "go": "check",
        "hold_class": "quality", "hold_reason": "recall", **answers,
    }  # fmt: skip
    address = client.post("/jobs/new", asked)["Location"]
    work_owed(now=timezone.now())
    return str(address)


def test_many_lots_are_held_back_to_a_time_past(line: Line, somebody: Acting) -> None:
    address = held_together(
        somebody.client, [line.chip_lot, line.wafer_lot], happened_at="2026-01-02T03:04", owner=""
    )
    text = somebody.client.get(address).content.decode()
    assert "In force since" in text
    assert "What the holds reach" in text
    somebody.client.post(address, {"go": "start"})
    work_owed(now=timezone.now())
    placed = Hold.objects.filter(reason="recall")
    assert placed.count() == 2
    assert {(hold.placed_at, hold.owner) for hold in placed} == {
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), None)
    }


def test_whoever_holds_many_lots_owns_the_holds_at_first(line: Line, somebody: Acting) -> None:
    form = somebody.client.get("/jobs/new", {"verb": "hold", "scope": "filter"}).content.decode()
    assert 'name="owner" value="administrator"' in form


def test_what_many_holds_reach_is_looked_up_for_so_many_lots(
    line: Line, somebody: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.selectors.jobs.EXPOSED_MAX", 1)
    address = held_together(somebody.client, [line.chip_lot, line.wafer_lot])
    text = somebody.client.get(address).content.decode()
    assert "looked up for at most 1 lot" in text
    assert "What the holds reach</h2>" not in text


def test_a_diced_lot_is_held_by_its_wafers(somebody: Acting) -> None:
    assert Lot.objects.get(code="W7Q1").unit_of_measure == UnitOfMeasure.DIE
    assert "Some wafers" in somebody.ask("W7Q1", "hold")
    assert "Or wafers" in somebody.ask("W7Q1", "split")
    somebody.done(
        "W7Q1", "hold", hold_class="quality", hold_reason="ring", scope="wafer", wafers="2-3"
    )
    assert Hold.objects.get(reason="ring").items.count() == 2


def plan(somebody: Acting, role: Group) -> FutureAction:
    somebody.done(
        "W7Q3", "plan", trigger="arrives", step=step("A", "FAB").pk, future_verb="hold",
        reason="look", hold_class="quality", owner="", releasing_role=role.name,
        due_on=(timezone.localdate() + timedelta(days=9)).isoformat(),
    )  # fmt: skip
    return FutureAction.objects.get(reason="look")


def test_a_plan_says_by_which_choice_each_field_is_shown(somebody: Acting) -> None:
    page = somebody.ask("AQ17", "plan")
    role = page.split('name="releasing_role"')[1].split("</select>")[0]
    assert 'data-shown-by="future_verb" data-shown-for="hold"' in role
    assert '<option value="Quality">Quality</option>' in role
    bins = page.split('name="bins"')[1].split(">")[0]
    assert 'data-shown-for="hold split"' in bins
    assert 'data-shown-for="arrives leaves"' in page.split('name="step"')[1].split(">")[0]
    assert "data-shown-by" not in page.split('name="owner"')[1].split(">")[0]


def test_a_planned_hold_has_a_day_and_a_role(somebody: Acting) -> None:
    role = Group.objects.get(name="Quality")
    plan(somebody, role)
    move_lot(lot=Lot.objects.get(code="W7Q3"), to_step=step("A", "FAB"), command=command(1))
    hold = Hold.objects.get(reason="look")
    assert (hold.releasing_role, hold.due_on) == (role, timezone.localdate() + timedelta(days=9))


def test_a_planned_hold_whose_role_is_gone_fails_alone(somebody: Acting) -> None:
    role = Group.objects.create(name="Passing")
    action = plan(somebody, role)
    role.delete()
    move_lot(lot=Lot.objects.get(code="W7Q3"), to_step=step("A", "FAB"), command=command(1))
    action.refresh_from_db()
    assert (action.state, Lot.objects.get(code="W7Q3").step.code) == ("failed", "FAB")
    assert "The role that was to release the hold is gone" in action.outcome
