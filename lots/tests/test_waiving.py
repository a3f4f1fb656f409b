from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lots.domain.errors import WrongStepError
from lots.models import Waiver, WaiverUse
from lots.services.waiving import approve_waiver, request_waiver, revoke_waiver
from lots.tests.making import step
from lots.tests.permitting import DAY, asked, granted, guarded_lot, passing, person
from lots.tests.routing import draft_version
from supplychain.base.errors import ForbiddenError, MalformedError, RefusedError

pytestmark = pytest.mark.usefixtures("catalogue")


def test_a_waiver_is_asked_for_by_one_and_approved_by_another() -> None:
    waiver = granted(guarded_lot())
    assert (str(waiver.requested_by), str(waiver.approved_by), waiver.used) == ("ann", "ben", 0)


def test_who_asked_never_approves() -> None:
    waiver = asked(guarded_lot())
    with pytest.raises(ForbiddenError, match="Someone else must approve it"):
        approve_waiver(waiver=waiver, actor=person("ann"))
    assert Waiver.objects.get().approved_at is None


def test_a_waiver_is_decided_once() -> None:
    waiver = granted(guarded_lot())
    with pytest.raises(RefusedError, match="was decided before"):
        approve_waiver(waiver=waiver, actor=person("cay"))
    revoke_waiver(waiver=waiver, actor=person("cay"))
    with pytest.raises(RefusedError, match="was revoked before"):
        revoke_waiver(waiver=waiver, actor=person("cay"))
    assert str(Waiver.objects.get().revoked_by) == "cay"


def test_a_waiver_turned_down_is_not_approved_later() -> None:
    waiver = revoke_waiver(waiver=asked(guarded_lot()), actor=person("ben"))
    with pytest.raises(RefusedError, match="was decided before"):
        approve_waiver(waiver=waiver, actor=person("cay"))


def test_a_waiver_that_is_over_is_not_approved() -> None:
    waiver = asked(guarded_lot())
    over = timezone.now() - timedelta(minutes=1)
    Waiver.objects.filter(pk=waiver.pk).update(valid_to=over)
    with pytest.raises(RefusedError, match="ended before it was approved"):
        approve_waiver(waiver=waiver, actor=person("ben"))


def test_a_waiver_ends_in_the_future() -> None:
    now = timezone.now()
    with pytest.raises(MalformedError, match="ends in the future"):
        asked(guarded_lot(), valid_from=now - 2 * DAY, valid_to=now - DAY)


@pytest.mark.parametrize("is_both", [True, False])
def test_a_waiver_is_for_a_lot_or_a_product(is_both: bool) -> None:
    waiver = asked(lot := guarded_lot())
    targets: dict[str, Any] = {"lot": lot, "product": lot.product} if is_both else {}
    with pytest.raises(MalformedError, match="exactly one"):
        request_waiver(order=waiver, step=lot.step, actor=person("ann"), **targets)  # type: ignore[arg-type]


def test_a_waiver_is_for_a_step_on_the_way_of_the_lot() -> None:
    with pytest.raises(WrongStepError, match="FAB of A v1 is not on its way"):
        asked(guarded_lot(), step=step("A", "FAB"))


def test_no_waiver_is_for_a_draft() -> None:
    draft = draft_version("D", {"code": "RCV"})
    lot = guarded_lot()
    with pytest.raises(WrongStepError, match="is a draft"):
        asked(lot, on=lot.product, step=draft.steps.get())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"approved_by": "ann", "approved_at": True}, "lots_waiver_two_people"),
        ({"approved_by": "ben"}, "lots_waiver_approval_whole"),
        ({"used": 1}, "lots_waiver_used_after_approval"),
        ({"approved_by": "ben", "approved_at": True, "used": 11}, "lots_waiver_quantity"),
    ],
)
def test_the_database_refuses_it_too(changes: dict[str, Any], constraint: str) -> None:
    waiver = asked(guarded_lot())
    if "approved_by" in changes:
        changes = {**changes, "approved_by": person(changes["approved_by"])}
    if "approved_at" in changes:
        changes = {**changes, "approved_at": timezone.now()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk).update(**changes)


def test_what_passed_before_stands_when_it_is_revoked() -> None:
    lot = guarded_lot()
    waiver = granted(lot)
    passing(lot, lot.route_version.steps.get(code="SFT"))()
    revoke_waiver(waiver=waiver, actor=person("ben"))
    assert Waiver.objects.get().uses.get().quantity == waiver.quantity


FROZEN: dict[str, dict[str, Any]] = {
    "more units": {"quantity": 99},
    "more time": {"valid_to": timezone.now() + 9 * DAY},
    "another gate": {"gate": "step-order"},
    "fewer used": {"used": 9},
    "another who asked": {"requested_by": "cay"},
    "another who approved": {"approved_by": "cay"},
}


@pytest.mark.parametrize("name", FROZEN)
def test_what_was_approved_is_what_is_used(name: str) -> None:
    lot = guarded_lot()
    waiver = granted(lot)
    passing(lot, lot.route_version.steps.get(code="SFT"))()
    changes = {
        field: person(value) if value == "cay" else value for field, value in FROZEN[name].items()
    }
    with pytest.raises(IntegrityError, match="ask for a new one"), transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk).update(**changes)


def test_nobody_else_is_put_down_as_who_asked() -> None:
    waiver = asked(guarded_lot())
    with pytest.raises(IntegrityError, match="is frozen"), transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk).update(requested_by=person("cay"))


def test_a_revoked_waiver_is_not_brought_back() -> None:
    waiver = revoke_waiver(waiver=granted(guarded_lot()), actor=person("cay"))
    with pytest.raises(IntegrityError, match="is frozen"), transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk).update(revoked_at=None, revoked_by=None)


@pytest.mark.parametrize("act", ["change", "drop"])
def test_uses_are_only_added(act: str) -> None:
    lot = guarded_lot()
    granted(lot)
    passing(lot, lot.route_version.steps.get(code="SFT"))()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        if act == "change":
            WaiverUse.objects.update(quantity=1)
        else:
            WaiverUse.objects.all().delete()
