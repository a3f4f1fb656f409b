"""Step yield on lot figures: a projection of the ledger, brought up to date when it moves."""

from __future__ import annotations

from collections.abc import Sequence

from quality.domain.words import YieldScope
from quality.domain.yields import step_ratio
from quality.models import YieldFigure
from quality.selectors.step_flow import step_flows


def restate_step_yields(*, lot_ids: Sequence[int]) -> int:
    """Set what entered and left each step on the lots' current figures; how many changed."""
    flows = step_flows(lot_ids)
    rows = YieldFigure.objects.filter(
        lot_step__lot__in=lot_ids, scope=YieldScope.LOT, is_current=True
    ).select_related("lot_step")
    changed = []
    for figure in rows:
        flow = flows.get((figure.lot_step.lot_id, figure.lot_step.step_id))
        if flow is None or (flow.entered, flow.left) == (figure.entered, figure.left):
            continue
        figure.entered, figure.left = flow.entered, flow.left
        figure.step_ratio = step_ratio(flow.entered, flow.lost)
        changed.append(figure)
    YieldFigure.objects.bulk_update(changed, ["entered", "left", "step_ratio"])
    return len(changed)
