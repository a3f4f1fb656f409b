"""A tester, probe card, load board or oven that costs yield."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quality.detectors.frame import ChanceDetector
from quality.detectors.thresholds import thresholds
from quality.domain.discovery import Weighed
from quality.domain.dispersion import Count
from quality.domain.equipment import ToolLoss, tool_losses
from quality.domain.exposure import Factor, LotExposure
from quality.domain.findings import Evidence, Finding, Json
from quality.domain.pictures import Picture, PointOf, share_points
from quality.selectors.exposures import tool_exposures
from quality.selectors.series import Judged, judged_figures


@dataclass(frozen=True, slots=True)
class Thresholds:
    """alpha: chance of so clear a tool on an ordinary lot, over all tools and windows tried.
    effect_min: how much worse than the others matters. units_min: of a lot."""

    alpha: float = 0.001
    effect_min: float = 0.02
    window_lots: int = 60
    units_min: int = 20


class EquipmentYield(ChanceDetector):
    """First insertions, over the newest 3, 6 and 12 lots that were on the tool.

    The cause is the tool, not the lot: lots that follow add to the same issue.
    """

    code = "equipment-yield"
    description = "A tester, card, board or oven whose units pass less than those on others."

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """All of these lots on tools that could be compared."""
        limits = thresholds(Thresholds, parameters)
        judged = judged_figures(lot_ids, limits.window_lots, limits.units_min)
        figures = {one.lot_step_id: one for two in judged for one in (two.figure, *two.earlier)}
        return bad_tools(judged, tool_exposures(list(figures.values())), limits)


def bad_tools(
    judged: Sequence[Judged], exposures: Mapping[int, LotExposure], limits: Thresholds
) -> list[Weighed]:
    """All of these lots on tools that could be compared, with those that lose yield. exposures: by
    lot step; nothing else is read."""
    found = []
    for one in judged:
        figure = one.figure
        if figure.lot_step_id not in exposures:
            continue
        rows = [exposures.get(row.lot_step_id) for row in (*one.earlier, figure)]
        lots = [row for row in rows if row is not None]
        tools = tool_losses(lots, effect_min=limits.effect_min)
        clear = [loss for loss in tools.losses if loss.p_value <= limits.alpha]
        if tools.tried:
            p_value = clear[0].p_value if clear else None
            findings = tuple(_finding(one, loss, lots) for loss in clear)
            found.append(Weighed(figure.lot_step_id, figure.started_at, p_value, findings))
    return found


def _finding(judged: Judged, loss: ToolLoss, lots: Sequence[LotExposure]) -> Finding:
    figure = judged.figure
    lot, step = figure.lot_step.lot, figure.lot_step.step
    tool, kind = loss.tool, loss.tool.factor
    return Finding(
        cause_key=f"{EquipmentYield.code}:{lot.product.code}:{step.code}:{kind}:{tool.name}",
        title=(
            f"{_upper(kind)} {tool.name} passes {loss.ratio:.1%} of its units of "
            f"{len(loss.lots)} lots at {step.code}, other {kind}s beside it {loss.others:.1%}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{lot.code} results {figure.revision}",
        is_weighed=True,
        evidence=Evidence(
            statistic="share passed on the tool, first insertion",
            value=loss.ratio,
            limit=loss.others,
            n=loss.units,
            method=loss.method,
            baseline=tuple(row.lot for row in loss.lots),
            dispersion=loss.dispersion,
            p_value=loss.p_value,
            policy="first insertion",
            facts=_facts(loss),
            pictures=(_picture(loss, lots),),
        ),
    )


def _upper(factor: Factor) -> str:
    return factor[0].upper() + factor[1:]


def _facts(loss: ToolLoss) -> dict[str, Json]:
    alike = ", ".join(f"{one.factor} {one.name}" for one in loss.alike)
    return {
        re.sub(r"\W", "_", loss.tool.factor): loss.tool.name,
        "compared": "within lots",
        "yield_effect": loss.effect,
        "units_lost": round(loss.units_lost),
        **({"on_the_same_units": alike} if alike else {}),
        "lots_on_it": [
            {
                "lot": row.lot,
                "units": row.on.units,
                "yield_on_it": row.on.ratio,
                "yield_beside_it": row.off.ratio,
            }
            for row in loss.lots
        ],
    }


def _picture(loss: ToolLoss, lots: Sequence[LotExposure]) -> Picture:
    """Tools of the kind side by side, over the lots that were compared."""
    compared = {row.lot for row in loss.lots}
    sums: dict[str, tuple[int, int]] = {}
    for lot in lots:
        for tool, count in lot.tools.items():
            if lot.lot in compared and tool.factor is loss.tool.factor:
                passed, units = sums.get(tool.name, (0, 0))
                sums[tool.name] = passed + count.passed, units + count.units
    shares = {name: Count(passed, units) for name, (passed, units) in sums.items()}
    return Picture(
        title=f"Passed when first tested, by {loss.tool.factor}, over {len(loss.lots)} lots",
        of=PointOf.TOOL,
        rule=f"{loss.effect * 100:+.1f} points from the others",
        points=share_points(shares, {loss.tool.name}, loss.dispersion),
        whole=len(shares),
        middle=loss.others,
        usual="Others",
    )
