from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from lots.domain.words import VersionState
from lots.models import Bill, BillLine, Route, RouteVersion, Step
from lots.services.lookups import released_step
from lots.services.releasing import (
    draft_bill,
    draft_route,
    release_bill,
    release_route,
    retire_bill,
    retire_route,
)
from lots.tests.making import again, wafer_lot
from lots.tests.permitting import person
from lots.tests.routing import draft_version
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError

pytestmark = pytest.mark.usefixtures("catalogue")


def newest_route(code: str = "A") -> RouteVersion:
    return RouteVersion.objects.filter(route__code=code).order_by("-version")[0]


def standing_bill() -> Bill:
    return Bill.objects.get(product__code="TRN3")


def test_a_draft_has_the_steps_of_its_model() -> None:
    draft = draft_route(version=newest_route(), actor=person("ann"))
    assert (draft.version, draft.state, str(draft.prepared_by)) == (2, "draft", "ann")
    steps = [list(version.steps.values_list("code", "queue_hours_max", "is_outsourced"))
             for version in RouteVersion.objects.filter(route__code="A")]  # fmt: skip
    assert steps[0] == steps[1]


def test_a_route_is_released_by_another_than_its_preparer() -> None:
    draft = draft_route(version=newest_route(), actor=person("ann"))
    with pytest.raises(ForbiddenError, match="You prepared Route A v2"):
        release_route(version=draft, actor=person("ann"))
    released = release_route(version=draft, actor=person("ben"))
    assert (released.state, str(released.released_by)) == ("released", "ben")
    assert released_step("A", "FAB").route_version == draft


def test_lots_under_way_stay_on_their_version() -> None:
    lot = wafer_lot("W1")
    release_route(
        version=draft_route(version=newest_route(), actor=person("ann")), actor=person("ben")
    )
    assert (again(lot).route_version.version, wafer_lot("W2").route_version.version) == (1, 2)


def test_a_draft_that_nobody_prepared_is_not_released() -> None:
    draft = draft_version("A", {"code": "START"})
    with pytest.raises(RefusedError, match="names nobody who prepared it"):
        release_route(version=draft, actor=person("ben"))


def test_a_route_without_steps_is_not_released() -> None:
    draft = draft_version("A", prepared_by=person("ann"))
    with pytest.raises(RefusedError, match="A v2 has no steps"):
        release_route(version=draft, actor=person("ben"))


def test_a_released_route_is_not_released_again() -> None:
    with pytest.raises(RefusedError, match="A v1 is released"):
        release_route(version=newest_route(), actor=person("ben"))


def test_no_lot_starts_on_a_retired_route() -> None:
    lot = wafer_lot("W1")
    retire_route(version=newest_route())
    with pytest.raises(MissingError, match="No released route A"):
        wafer_lot("W2")
    assert again(lot).route_version.state == "retired"
    with pytest.raises(RefusedError, match="A v1 is retired; only a released one retires"):
        retire_route(version=newest_route())


def test_a_draft_is_not_drafted_from() -> None:
    draft = draft_route(version=newest_route(), actor=person("ann"))
    with pytest.raises(RefusedError, match="A v2 is a draft already"):
        draft_route(version=draft, actor=person("ann"))


def test_a_bill_goes_the_same_way() -> None:
    draft = draft_bill(bill=standing_bill(), actor=person("ann"))
    assert list(draft.lines.values_list("component__code", "quantity")) == list(
        standing_bill_lines()
    )
    with pytest.raises(ForbiddenError, match="You prepared Bill of materials TRN3 v2"):
        release_bill(bill=draft, actor=person("ann"))
    assert release_bill(bill=draft, actor=person("ben")).state == "released"
    assert retire_bill(bill=draft).state == "retired"
    with pytest.raises(RefusedError, match="only a released one retires"):
        retire_bill(bill=draft)


def standing_bill_lines() -> Any:
    return Bill.objects.get(product__code="TRN3", version=1).lines.values_list(
        "component__code", "quantity"
    )


def test_a_bill_without_lines_is_not_released() -> None:
    draft = Bill.objects.create(
        product=standing_bill().product, version=2, prepared_by=person("ann")
    )
    with pytest.raises(RefusedError, match="TRN3 v2 has no lines"):
        release_bill(bill=draft, actor=person("ben"))


def test_a_draft_bill_is_not_drafted_from() -> None:
    draft = draft_bill(bill=standing_bill(), actor=person("ann"))
    with pytest.raises(RefusedError, match="TRN3 v2 is a draft already"):
        draft_bill(bill=draft, actor=person("ann"))


FROZEN: dict[str, Callable[[], object]] = {
    "change a step": lambda: Step.objects.filter(code="BUMP").update(queue_hours_max=None),
    "add a step": lambda: Step.objects.create(
        route_version=newest_route(), sequence=5, code="NEW", name="New", kind="inspection"
    ),
    "drop a step": lambda: Step.objects.filter(code="BUMP").delete(),
    "move a step in": lambda: draft_version("D", {"code": "X"}).steps.update(
        route_version=newest_route()
    ),
    "move a step out": lambda: (
        newest_route().steps.filter(code="BUMP").update(route_version=draft_version("D"))
    ),
    "change a line": lambda: standing_bill().lines.update(quantity=3),
    "add a line": lambda: BillLine.objects.create(
        bill=standing_bill(), component=standing_bill().product, quantity=1
    ),
    "drop a line": lambda: standing_bill().lines.all().delete(),
    "free a route": lambda: RouteVersion.objects.filter(route__code="A").update(is_free=True),
    "draft a route again": lambda: RouteVersion.objects.filter(route__code="A").update(
        state=VersionState.DRAFT
    ),
    "drop a route": lambda: RouteVersion.objects.filter(route__code="A-RW")._raw_delete("default"),
    "draft a bill again": lambda: Bill.objects.update(state=VersionState.DRAFT),
    "sign a bill": lambda: Bill.objects.update(released_at=timezone.now()),
}


@pytest.mark.parametrize("name", FROZEN)
def test_the_database_freezes_what_is_released(name: str) -> None:
    with pytest.raises(IntegrityError, match="draft a new version instead"), transaction.atomic():
        FROZEN[name]()


@pytest.mark.parametrize("kind", ["route", "bill"])
def test_the_database_wants_two_people(kind: str) -> None:
    route = Route.objects.get(code="A")
    draft: Any = (
        RouteVersion.objects.create(route=route, version=2, prepared_by=person("ann"))
        if kind == "route"
        else Bill.objects.create(
            product=standing_bill().product, version=2, prepared_by=person("ann")
        )
    )
    draft.released_by = person("ann")
    with pytest.raises(IntegrityError, match=f"lots_{kind}_two_people"), transaction.atomic():
        draft.save()


def test_a_draft_is_changed_and_dropped_freely() -> None:
    draft = draft_version("A", {"code": "START"}, {"code": "FAB"})
    draft.steps.filter(code="FAB").update(days_max=9)
    draft.steps.all().delete()
    draft.delete()
    assert newest_route().version == 1


@pytest.mark.django_db(transaction=True)
def test_a_release_waits_for_a_step_being_added() -> None:
    draft = draft_version("A", {"code": "START"}, prepared_by=person("ann"))

    def release_at_once() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            release_route(version=draft, actor=person("ben"))

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Step.objects.create(
            route_version=draft, sequence=20, code="FAB", name="Fab", kind="inspection"
        )
        with pytest.raises(OperationalError, match="lock timeout"):
            pool.submit(closing, release_at_once).result()


def closing(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()
