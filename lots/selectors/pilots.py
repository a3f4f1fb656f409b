"""Pilots that lots on hold wait for, and how far each has come."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from lots.domain.pilots import Pilot
from lots.domain.words import LotState
from lots.models import Hold, PilotRun, Step


def with_pilots(holds: QuerySet[Hold], against: Combinable) -> QuerySet[Hold]:
    """The same holds with the pilot that each waits for, for `pilot_of`; no query more.

    against: names of what stands against a pilot, an array; OuterRef("pilot") is the pilot in it.
    """
    behind = Step.objects.filter(
        route_version=OuterRef("pilot__route_version"),
        code=OuterRef("until_step__code"),
        sequence__lt=OuterRef("pilot__step__sequence"),
    )
    held = Hold.objects.filter(lot=OuterRef("pilot"), released_at__isnull=True)
    told = JSONObject(
        code=F("pilot__code"),
        state=F("pilot__state"),
        step=F("pilot__step__code"),
        decides_at=F("until_step__code"),
        is_past=Exists(behind),
        is_held=Exists(held),
        against=against,
    )
    runs = PilotRun.objects.filter(hold=OuterRef("pk"))
    return holds.annotate(pilot_told=Subquery(runs.values(told=told)))


def pilot_of(hold: Hold) -> Pilot | None:
    """Of a hold from `with_pilots`: the pilot as the rules see it; None where it waits for none.

    Another version of the route has the step that decides under the same code; on rework a pilot
    is past nothing.
    """
    told: dict[str, Any] | None = hold.pilot_told  # type: ignore[attr-defined]
    if told is None:
        return None
    state, against = LotState(told["state"]), tuple(told["against"])
    return Pilot(**{**told, "state": state, "against": against})
