"""Lots on a route version that was released after the books were set up."""

from __future__ import annotations

import pytest

from finance.models import LedgerEntry, PostingGap, StepStage
from finance.selectors.facts import books as the_books
from finance.services import post_events
from finance.tests.line import moved, wafer_lot
from lots.models import Lot, RouteVersion
from lots.services.releasing import draft_route, release_route
from lots.tests.permitting import person
from lots.tests.routing import released_route

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
    StepStage.objects.create(
        step=step, unit_of_measure="wafer", stage_id="bumped-wafer", account="inventory"
    )
    places = the_books().empty.places
    assert places[step.pk, "wafer"].stage == "bumped-wafer"


def test_a_step_that_no_version_had_waits_for_its_stage() -> None:
    step = released_route("A", {"code": "NEW"}).steps.get()
    assert not [unit for pk, unit in the_books().empty.places if pk == step.pk]
