"""Step yield on lot figures: a projection of the ledger, brought up to date when it moves."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from quality.domain.step_flow import StepFlow
from quality.domain.words import YieldScope
from quality.models import YieldFigure
from quality.selectors.step_flow import step_flows

FIELDS = ("entered", "left", "reworked", "step_ratio", "first_time_ratio")


def locked_figures(*, lot_ids: Sequence[int]) -> list[YieldFigure]:
    """The lots' current figures, with their lot steps, locked in order of their ids."""
    rows = YieldFigure.objects.select_for_update(of=("self",)).select_related("lot_step")
    wanted = rows.filter(lot_step__lot__in=lot_ids, scope=YieldScope.LOT, is_current=True)
    return list(wanted.order_by("pk"))


@transaction.atomic
def restate_step_yields(*, lot_ids: Sequence[int]) -> int:
    """Set what entered and left each step on the lots' current figures; how many changed."""
    flows = step_flows(lot_ids)
    changed = []
    for figure in locked_figures(lot_ids=lot_ids):
        told = _told(flows.get((figure.lot_step.lot_id, figure.lot_step.step_id)))
        if told == {name: getattr(figure, name) for name in FIELDS}:
            continue
        for name, value in told.items():
            setattr(figure, name, value)
        changed.append(figure)
    YieldFigure.objects.bulk_update(changed, FIELDS)
    return len(changed)


def _told(flow: StepFlow | None) -> dict[str, object]:
    """As a figure keeps it; unknown until the lot has left, and again when that was corrected."""
    if flow is None:
        return dict.fromkeys(FIELDS)
    counts = {"entered": flow.entered, "left": flow.left, "reworked": flow.reworked}
    return {**counts, "step_ratio": flow.ratio, "first_time_ratio": flow.first_time_ratio}
