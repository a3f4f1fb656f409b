"""Running detectors: over lots that changed, and over everything by the clock.

A detector that breaks is an issue of its own and is tried again later; the others still run.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from quality.detectors.causes import with_causes
from quality.detectors.failures import tell_failure, tell_recovery
from quality.detectors.frame import Detector, LotDetector, detectors, lot_detectors
from quality.domain.findings import Finding
from quality.models import Issue, Rule
from quality.selectors.issues import standing_issues
from quality.services.books import restate_coverage
from quality.services.findings import clear_causes, raise_findings
from quality.services.reference import ensure_rule
from quality.services.reviews import claim_reviews, finish_reviews
from quality.services.step_yields import restate_step_yields

log = logging.getLogger(__name__)

LOTS_PER_BATCH = 50
RETRY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to. waiting: lot → until when late data may still explain a finding.

    ran: detectors that came to their end.
    """

    lot_count: int = 0
    raised: tuple[Issue, ...] = ()
    waiting: Mapping[int, datetime] = field(default_factory=dict)
    ran: tuple[str, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        """Both together; a lot waits for the earlier instant."""
        waiting = dict(self.waiting)
        for lot_id, instant in other.waiting.items():
            waiting[lot_id] = min(instant, waiting.get(lot_id, instant))
        return Outcome(
            self.lot_count + other.lot_count,
            self.raised + other.raised,
            waiting,
            self.ran + other.ran,
        )


@transaction.atomic
def review_changed_lots(
    *, now: datetime, limit: int = LOTS_PER_BATCH, is_settled: bool = False
) -> Outcome:
    """Judge the next lots in the queue by every lot detector.

    is_settled: the caller knows that no more data is under way, so no grace is given.
    """
    reviews = claim_reviews(now=now, limit=limit, is_settled=is_settled)
    lot_ids = [review.lot_id for review in reviews]
    outcome = Outcome(lot_count=len(lot_ids))
    if lot_ids:
        restate_step_yields(lot_ids=lot_ids)
        restate_coverage(lot_ids=lot_ids)
        for detector in lot_detectors():
            outcome += _judge(detector, lot_ids, now, is_settled=is_settled)
        tell_recovery(outcome.ran, lot_ids, now)
    finish_reviews(reviews=reviews, again_at=outcome.waiting)
    return outcome


def find_everywhere(*, now: datetime, is_timed: bool, is_settled: bool = False) -> Outcome:
    """Run the detectors that look at everything, each in its own transaction."""
    outcome = Outcome()
    for detector in detectors(is_timed=is_timed):
        outcome += _find(detector, now, is_settled=is_settled)
    tell_recovery(outcome.ran, (), now)
    return outcome


def _judge(
    detector: LotDetector, lot_ids: Sequence[int], now: datetime, *, is_settled: bool
) -> Outcome:
    rule = ensure_rule(detector=detector.code, description=detector.description)
    if not rule.is_enabled:
        return Outcome()
    try:
        with transaction.atomic():
            found = detector.judge(lot_ids, rule.parameters, now)
            return _settle(Look(rule, now, is_settled, tuple(lot_ids)), found)
    except Exception as error:
        log.exception("detector %s failed on lots %s", detector.code, list(lot_ids))
        raised = tell_failure(detector.code, error, lot_ids, now)
        return Outcome(raised=tuple(raised), waiting=dict.fromkeys(lot_ids, now + RETRY))


def _find(detector: Detector, now: datetime, *, is_settled: bool) -> Outcome:
    rule = ensure_rule(detector=detector.code, description=detector.description)
    if not rule.is_enabled:
        return Outcome()
    try:
        with transaction.atomic():
            return _settle(Look(rule, now, is_settled, None), detector.find(now))
    except Exception as error:
        log.exception("detector %s failed", detector.code)
        return Outcome(raised=tuple(tell_failure(detector.code, error, (), now)))


@dataclass(frozen=True, slots=True)
class Look:
    """One detector's turn. lot_ids: what it answered for; None for everything."""

    rule: Rule
    now: datetime
    is_settled: bool
    lot_ids: tuple[int, ...] | None


def _settle(look: Look, found: Sequence[Finding]) -> Outcome:
    """Raise what is ripe, clear what is no longer found, and name what must wait."""
    early = [] if look.is_settled else [one for one in found if _is_early(one, look.now)]
    ripe = [one for one in found if one not in early]
    explained = with_causes(look.rule.detector, ripe)
    raised = raise_findings(rule=look.rule, findings=explained, now=look.now)
    gone = standing_issues(look.rule, look.lot_ids).exclude(
        cause_key__in={one.cause_key for one in found}
    )
    clear_causes(rule=look.rule, issues=gone, now=look.now)
    waiting = {one.lot_id: one.not_before for one in early if one.lot_id and one.not_before}
    return Outcome(
        raised=tuple(raised),
        waiting=waiting if look.lot_ids is not None else {},
        ran=(look.rule.detector,),
    )


def _is_early(finding: Finding, now: datetime) -> bool:
    return finding.not_before is not None and finding.not_before > now
