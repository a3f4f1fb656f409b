"""Lots on a route version that was released after the books were set up."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from finance.models import LedgerEntry, PostingGap, StepStage
from finance.selectors.facts import books as the_books
from finance.selectors.told import told_stage
from finance.services import approve_step_stage, post_events
from finance.tests.line import moved, wafer_lot
from finance.tests.staging import drafted_stage, people, staged
from lots.models import Lot, RouteVersion
from lots.services.releasing import draft_route, release_route
from lots.tests.permitting import person
from lots.tests.routing import released_route
from supplychain.base.errors import ForbiddenError, RefusedError, StaleError

pytestmark = pytest.mark.usefixtures("books")


def lot_on_next_version() -> Lot:
    first = RouteVersion.objects.get(route__code="A")
    release_route(version=draft_route(version=first, actor=person("ann")), actor=person("ben"))
    return wafer_lot("W1")


def test_a_lot_on_a_new_version_is_valued_as_on_the_old() -> None:
    lot = moved(lot_on_next_version(), "FAB", "WAT", "RCV")
    post_events()
    assert lot.route_version.version == 2
    assert not PostingGap.objects.exists()
    entries = LedgerEntry.objects.filter(account="inventory")
    assert {entry.stage_id for entry in entries} == {"wafer"}


def test_stages_of_its_own_decide() -> None:
    step = lot_on_next_version().route_version.steps.get(code="BUMP")
    staged(step, "bumped-wafer")
    places = the_books().places
    assert places[step.pk, "wafer"].stage == "bumped-wafer"


def test_a_step_that_no_version_had_waits_for_its_stage() -> None:
    step = released_route("A", {"code": "NEW"}).steps.get()
    assert not [unit for pk, unit in the_books().places if pk == step.pk]


def test_a_stage_that_waits_for_its_approval_says_nothing() -> None:
    step = released_route("A", {"code": "NEW"}).steps.get()
    drafted_stage(step, "wafer")
    assert (step.pk, "wafer") not in the_books().places


def test_stages_of_a_later_version_leave_those_before_as_they_were() -> None:
    """The version between them has none of its own: it is valued as the one before it."""
    second = lot_on_next_version().route_version
    third = draft_route(version=second, actor=person("ann"))
    release_route(version=third, actor=person("ben"))
    staged(third.steps.get(code="BUMP"), "bumped-wafer")
    places = the_books().places
    stages = [places[one.steps.get(code="BUMP").pk, "wafer"].stage for one in (second, third)]
    assert stages == ["wafer", "bumped-wafer"]


def test_a_step_that_lots_came_to_keeps_its_stage() -> None:
    lot = moved(lot_on_next_version(), "FAB", "WAT", "RCV", "BUMP")
    stage = drafted_stage(lot.route_version.steps.get(code="BUMP"), "bumped-wafer")
    with pytest.raises(RefusedError, match="Lots came to"):
        approve_step_stage(stage=stage, approver=people()[1])


def test_a_step_that_lots_came_to_may_be_told_as_it_is() -> None:
    lot = moved(lot_on_next_version(), "FAB", "WAT", "RCV", "BUMP")
    assert staged(lot.route_version.steps.get(code="BUMP"), "wafer").approved_at


def test_nobody_approves_a_stage_they_prepared() -> None:
    stage = drafted_stage(released_route("A", {"code": "NEW"}).steps.get(), "wafer")
    with pytest.raises(ForbiddenError, match="they prepared"):
        approve_step_stage(stage=stage, approver=stage.prepared_by)
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        mine = StepStage.objects.filter(pk=stage.pk)
        mine.update(approved_by=stage.prepared_by, approved_at=timezone.now())


def test_a_stage_is_approved_once_and_as_it_was_seen() -> None:
    stage = drafted_stage(released_route("A", {"code": "NEW"}).steps.get(), "wafer")
    seen = told_stage(stage).sha256
    StepStage.objects.filter(pk=stage.pk).update(account="vendor-owned")
    with pytest.raises(StaleError):
        approve_step_stage(stage=stage, approver=people()[1], seen=seen)
    approve_step_stage(stage=stage, approver=people()[1])
    with pytest.raises(RefusedError, match="approved before"):
        approve_step_stage(stage=stage, approver=people()[1])
