"""Likely causes beside findings about yield: which tool the lots with it have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from quality.domain.commonality import Commonality, Suspect, commonality
from quality.domain.findings import Finding, Json
from quality.selectors.exposures import exposures
from testing.models import LotStep

EXPLAINED = frozenset(
    {"yield-below-limit", "yield-drift", "bin-above-limit", "site-yield", "retest-rate"}
)
SUSPECTS_MAX = 5


def with_causes(detector: str, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, those about yield with likely causes among their facts."""
    if detector not in EXPLAINED:
        return list(findings)
    known: dict[tuple[int | None, int | None], Commonality] = {}
    found = []
    for one in findings:
        key = one.lot_id, one.step_id
        if key not in known:
            rows = LotStep.objects.select_related("lot", "step").filter(lot=key[0], step=key[1])
            lot_step = rows.first()
            known[key] = commonality(exposures(lot_step) if lot_step else [])
        found.append(_explained(one, known[key]))
    return found


def _explained(finding: Finding, causes: Commonality) -> Finding:
    facts: dict[str, Json] = {
        **finding.evidence.facts,
        "commonality": causes.reason or f"ranked by {causes.method}",
    }
    if causes.suspects:
        facts["likely_causes"] = [_row(one) for one in causes.suspects[:SUSPECTS_MAX]]
    return replace(finding, evidence=replace(finding.evidence, facts=facts))


def _row(one: Suspect) -> dict[str, Json]:
    return {
        "cause": str(one.tool),
        "how_sure": one.how_sure,
        "yield_effect": one.effect,
        "yield_effect_before": "not known" if one.usual is None else one.usual,
        "units": one.units,
        "lots": len(one.lots),
        "units_lost": round(one.units_lost),
        "adjusted_p": one.p_adjusted,
        "compared": f"{one.basis}, {one.ground}",
        "confounders": "; ".join(one.confounders) or "none seen",
    }
