"""Versions of routes and bills: drafted by one person, released by another, frozen, retired."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from lots.domain.words import VersionState
from lots.models import Bill, BillLine, Product, QueueLimit, Route, RouteVersion, Step
from lots.selectors.comparing import FIELDS
from supplychain.base.errors import ForbiddenError, RefusedError

V = TypeVar("V", RouteVersion, Bill)


@transaction.atomic
def release_route(*, version: RouteVersion, actor: User) -> RouteVersion:
    """Freeze a draft and let lots start on it; those under way stay on theirs.

    ForbiddenError for who prepared it; RefusedError for what is no draft, has no steps, or limits
    the time to a step that comes no later.
    """
    locked = _locked_route(version)
    _refuse_release(f"Route {locked}", locked, actor)
    if not locked.steps.exists():
        raise RefusedError(f"Route {locked} has no steps. Add them first.", route=str(locked))
    _refuse_odd_limits(locked)
    return _release(locked, actor)


@transaction.atomic
def release_bill(*, bill: Bill, actor: User) -> Bill:
    """Freeze a draft and let units be built by it.

    ForbiddenError for who prepared it; RefusedError for what is no draft, or has no lines.
    """
    locked = _locked_bill(bill)
    _refuse_release(f"Bill of materials {locked}", locked, actor)
    if not locked.lines.exists():
        raise RefusedError(
            f"Bill of materials {locked} has no lines. Add them first.", bill=str(locked)
        )
    return _release(locked, actor)


@transaction.atomic
def retire_route(*, version: RouteVersion) -> RouteVersion:
    """Let no more lots start on it; those under way finish on it. RefusedError unless released."""
    return _retire(f"Route {version}", _locked_route(version))


@transaction.atomic
def retire_bill(*, bill: Bill) -> Bill:
    """Let nothing more be built by it; what was built stands. RefusedError unless released."""
    return _retire(f"Bill of materials {bill}", _locked_bill(bill))


@transaction.atomic
def draft_route(*, version: RouteVersion, actor: User) -> RouteVersion:
    """The next version of the route: a draft by the actor with the same steps and limits.

    RefusedError from a draft, whose steps may still change.
    """
    route = Route.objects.select_for_update(no_key=True).get(pk=version.route_id)
    _refuse_draft(f"Route {version}", version)
    draft = RouteVersion.objects.create(
        route=route,
        version=_next_number(route.versions.all()),
        is_free=version.is_free,
        is_rework=version.is_rework,
        prepared_by=actor,
    )
    Step.objects.bulk_create(_copy(step, draft) for step in version.steps.order_by("sequence"))
    _copy_limits(version, draft)
    return draft


@transaction.atomic
def draft_bill(*, bill: Bill, actor: User) -> Bill:
    """The next version of the bill of materials: a draft by the actor with the same lines.

    RefusedError from a draft, whose lines may still change.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=bill.product_id)
    _refuse_draft(f"Bill of materials {bill}", bill)
    draft = Bill.objects.create(
        product=product, version=_next_number(product.bills.all()), prepared_by=actor
    )
    BillLine.objects.bulk_create(
        BillLine(
            bill=draft,
            component_id=line.component_id,
            quantity=line.quantity,
            is_serialised=line.is_serialised,
        )
        for line in bill.lines.order_by("id")
    )
    return draft


def _refuse_draft(name: str, version: RouteVersion | Bill) -> None:
    if version.state == VersionState.DRAFT:
        raise RefusedError(f"{name} is a draft already. Change it, or copy a released one.")


def _next_number(versions: QuerySet[RouteVersion] | QuerySet[Bill]) -> int:
    """Under the lock of what has the versions, so that two drafts at once differ."""
    highest: int = versions.aggregate(highest=Max("version"))["highest"]
    return highest + 1


def _copy(step: Step, draft: RouteVersion) -> Step:
    said = {name: getattr(step, name) for name in FIELDS}
    return Step(route_version=draft, sequence=step.sequence, code=step.code, **said)


def _copy_limits(version: RouteVersion, draft: RouteVersion) -> None:
    steps = {step.code: step for step in draft.steps.all()}
    QueueLimit.objects.bulk_create(
        QueueLimit(
            route_version=draft,
            from_step=steps[limit.from_step.code],
            to_step=steps[limit.to_step.code],
            hours_max=limit.hours_max,
        )
        for limit in version.queue_limits.select_related("from_step", "to_step").order_by("id")
    )


def _refuse_odd_limits(version: RouteVersion) -> None:
    """Its steps may have been put in another order since a limit was written."""
    for limit in version.queue_limits.select_related("from_step", "to_step").order_by("id"):
        if limit.from_step.sequence >= limit.to_step.sequence:
            raise RefusedError(
                f"Route {version} limits the time from {limit.from_step} to {limit.to_step}, which "
                "comes no later any more. Change the limit, or the order of the steps.",
                route=str(version),
            )


def _locked_route(version: RouteVersion) -> RouteVersion:
    rows = RouteVersion.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("route").get(pk=version.pk)


def _locked_bill(bill: Bill) -> Bill:
    rows = Bill.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("product").get(pk=bill.pk)


def _refuse_release(name: str, version: RouteVersion | Bill, actor: User) -> None:
    if version.state != VersionState.DRAFT:
        raise RefusedError(f"{name} is {version.state}. Draft a new version instead.", name=name)
    if version.prepared_by_id is None:
        raise RefusedError(f"{name} names nobody who prepared it. Save the draft first.", name=name)
    if version.prepared_by_id == actor.pk:
        raise ForbiddenError(f"You prepared {name}. Someone else must release it.", name=name)


def _release(version: V, actor: User) -> V:
    version.state, version.released_at = VersionState.RELEASED, timezone.now()
    version.released_by = actor
    version.save(update_fields=["state", "released_at", "released_by"])
    return version


def _retire(name: str, version: V) -> V:
    if version.state != VersionState.RELEASED:
        raise RefusedError(f"{name} is {version.state}; only a released one retires.", name=name)
    version.state = VersionState.RETIRED
    version.save(update_fields=["state"])
    return version
