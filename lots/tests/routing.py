"""Routes to try gates on. A released version takes no more steps, so they come as drafts first."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from lots.domain.words import StepKind, VersionState
from lots.models import QueueLimit, Route, RouteVersion, Step


def draft_version(code: str, *steps: dict[str, Any], **rest: Any) -> RouteVersion:
    """The next version of the route, which is made when there is none, with these steps."""
    route, _ = Route.objects.get_or_create(code=code, defaults={"name": f"Route {code}"})
    number = rest.pop("version", route.versions.count() + 1)
    version = RouteVersion.objects.create(route=route, version=number, **rest)
    Step.objects.bulk_create(
        Step(route_version=version, sequence=10 * place, **_named(step))
        for place, step in enumerate(steps, 1)
    )
    return version


def released_route(code: str, *steps: dict[str, Any], **rest: Any) -> RouteVersion:
    """The same, released as reference data is: by nobody."""
    version = draft_version(code, *steps, **rest)
    version.state, version.released_at = VersionState.RELEASED, timezone.now()
    version.save()
    return version


def limited(version: RouteVersion, first: str, last: str, hours: float) -> QueueLimit:
    """So many hours at most from the end of the first step to the start of the last."""
    steps = {step.code: step for step in version.steps.all()}
    return QueueLimit.objects.create(
        route_version=version, from_step=steps[first], to_step=steps[last], hours_max=hours
    )


def _named(step: dict[str, Any]) -> dict[str, Any]:
    return {"name": step["code"].capitalize(), "kind": StepKind.INSPECTION, **step}
