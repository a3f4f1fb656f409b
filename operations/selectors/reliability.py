"""Reliability as pictures: what survives, what a duration leaves, lots against PDA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from operations.domain.control_drawing import ControlDrawing, ControlPoint, draw_control
from operations.domain.life_drawing import LifeDrawing, Lines, draw_life
from quality.domain.burn_in_plans import burn_in_plan, surviving
from quality.domain.reliability import Weibull
from quality.selectors.lives import LotLost, Reliability

POINTS = 60
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class LifePictures:
    """None where there is nothing to draw. survival: percent of units; plans: ppm; lots: ratios."""

    survival: LifeDrawing | None
    plans: LifeDrawing | None
    lots: ControlDrawing | None


def pictures(found: Reliability) -> LifePictures:
    """Of one answer."""
    return LifePictures(
        survival=_survival(found) if found.survival else None,
        plans=_plans(found, found.life) if found.life else None,
        lots=_lots(found.lots) if found.lots else None,
    )


def _survival(found: Reliability) -> LifeDrawing:
    longest = max((*found.lives.failed, *found.lives.passed))
    stairs = [(0.0, 100.0), *((hours, share * 100) for hours, share in found.survival)]
    stairs.append((longest, stairs[-1][1]))
    life = found.life
    curve = [(hours, surviving(life, hours) * 100) for hours in _hours(longest)] if life else []
    return draw_life(curve, stairs, Lines(upright=_required(found)))


def _plans(found: Reliability, life: Weibull) -> LifeDrawing:
    longest = max(plan.hours for plan in found.plans)
    curve = [
        (hours, burn_in_plan(life, hours, found.assumed).early_ppm) for hours in _hours(longest)
    ]
    return draw_life(curve, (), Lines(found.assumed.ppm_max, _required(found)))


def _hours(longest: float) -> list[float]:
    return [longest * place / POINTS for place in range(POINTS + 1)]


def _required(found: Reliability) -> float | None:
    return found.requirement.hours if found.requirement else None


def _lots(lots: Sequence[LotLost]) -> ControlDrawing:
    points = [
        ControlPoint(
            name=one.lot,
            address=reverse("operations:lot-detail", args=[one.lot]),
            value=one.fallout.ratio,
            high=one.fallout.allowed / one.fallout.submitted,
            signal="more than allowed" if one.fallout.is_exceeded else "",
        )
        for one in lots
    ]
    return draw_control(points, None, as_percent=True)
