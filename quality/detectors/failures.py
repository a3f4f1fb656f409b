"""A detector that breaks is an issue too: what it would have flagged, nobody sees meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zlib import crc32

from quality.domain.findings import Evidence, Finding
from quality.models import Issue, Rule
from quality.selectors.issues import standing_issues
from quality.services.findings import clear_causes, raise_findings
from quality.services.reference import ensure_rule

CODE = "detector-failed"
DESCRIPTION = "A detector broke off; the others went on."
MESSAGE_CHARACTERS_MAX = 500


def tell_failure(
    detector: str, error: Exception, lot_ids: Sequence[int], now: datetime
) -> list[Issue]:
    """One open issue per detector. A closed one comes back if the detector fails on other lots, or
    another day."""
    kind = type(error).__name__
    lots = crc32(",".join(map(str, sorted(lot_ids))).encode())
    finding = Finding(
        cause_key=f"{CODE}:{detector}",
        title=f"Detector {detector} failed: {kind}",
        revision=f"{kind} on {now:%Y-%m-%d} over {lots:08x}",
        evidence=Evidence(
            statistic="detector run",
            value=kind,
            facts={
                "detector": detector,
                "message": str(error)[:MESSAGE_CHARACTERS_MAX],
                "lot_ids": list(lot_ids),
            },
        ),
    )
    return raise_findings(rule=_rule(), findings=[finding], now=now)


def tell_recovery(detectors: Sequence[str], lot_ids: Sequence[int], now: datetime) -> None:
    """These ran to their end: failures of theirs on none but these lots are over."""
    rule = Rule.objects.filter(detector=CODE).first()
    if rule is None or not detectors:
        return
    keys = [f"{CODE}:{detector}" for detector in detectors]
    standing = standing_issues(rule, None).filter(cause_key__in=keys)
    over = [issue.pk for issue in standing if _failed_lots(issue) <= set(lot_ids)]
    if over:
        clear_causes(rule=rule, issues=Issue.objects.filter(pk__in=over), now=now)


def _failed_lots(issue: Issue) -> set[int]:
    """Lots of every failure of a detector since the issue was opened."""
    told = issue.events.exclude(evidence={}).values_list("evidence", flat=True)
    return {lot_id for evidence in told for lot_id in evidence.get("facts", {}).get("lot_ids", [])}


def _rule() -> Rule:
    return ensure_rule(detector=CODE, description=DESCRIPTION)
