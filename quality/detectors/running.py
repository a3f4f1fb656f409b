"""Running detectors: over lots that changed, and over everything by the clock.

A detector that breaks is an issue of its own and is tried again later; the others still run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from lots.services import in_one_transaction, is_lost_race
from quality.detectors.causes import with_causes
from quality.detectors.failures import tell_failure, tell_recovery
from quality.detectors.frame import (
    Detector,
    LotDetector,
    WeighingDetector,
    detectors,
    lot_detectors,
)
from quality.domain.discovery import Weighed, findings_of
from quality.domain.findings import Finding
from quality.domain.partial import Partial
from quality.models import Issue, Rule
from quality.selectors.budget import BUDGET
from quality.services.books import restate_coverage
from quality.services.budget import weigh_up
from quality.services.findings import clear_places, raise_findings
from quality.services.reference import ensure_rule
from quality.services.reviews import claim_reviews, finish_reviews, release_reviews
from quality.services.sightings import places_left
from quality.services.step_yields import restate_step_yields

log = logging.getLogger(__name__)

LOTS_PER_BATCH = 50
RETRY = timedelta(minutes=10)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to. waiting: lot → until when late data may still explain a finding.

    ran: detector → lots that it came to its end on; none for one that looks at everything.
    weighed: detector that goes by chance → what it could judge of them.
    """

    lot_count: int = 0
    raised: tuple[Issue, ...] = ()
    waiting: Mapping[int, datetime] = field(default_factory=dict)
    ran: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weighed: Mapping[str, tuple[Weighed, ...]] = field(default_factory=dict)

    def __add__(self, other: Outcome) -> Outcome:
        """Both together; a lot waits for the earlier instant."""
        waiting = dict(self.waiting)
        for lot_id, instant in other.waiting.items():
            waiting[lot_id] = min(instant, waiting.get(lot_id, instant))
        return Outcome(
            self.lot_count + other.lot_count,
            self.raised + other.raised,
            waiting,
            _joined(self.ran, other.ran),
            _joined(self.weighed, other.weighed),
        )


def _joined(
    one: Mapping[str, tuple[T, ...]], other: Mapping[str, tuple[T, ...]]
) -> dict[str, tuple[T, ...]]:
    return {code: one.get(code, ()) + other.get(code, ()) for code in {**one, **other}}


def review_changed_lots(
    *, now: datetime, limit: int = LOTS_PER_BATCH, is_settled: bool = False
) -> Outcome:
    """Judge the next lots in the queue by every lot detector, each in a transaction of its own.

    The lots stay in the queue, claimed, until all of it is done. is_settled: the caller knows that
    no more data is under way, so no grace is given.
    """
    reviews = claim_reviews(now=now, limit=limit, is_settled=is_settled)
    if not reviews:
        return Outcome()
    try:
        outcome = _review([review.lot_id for review in reviews], now, is_settled=is_settled)
    except Exception:
        release_reviews(reviews=reviews)
        raise
    finish_reviews(reviews=reviews, again_at=outcome.waiting)
    return outcome


def _review(lot_ids: list[int], now: datetime, *, is_settled: bool) -> Outcome:
    in_one_transaction(lambda: restate_step_yields(lot_ids=lot_ids))
    in_one_transaction(lambda: restate_coverage(lot_ids=lot_ids))
    outcome = Outcome(lot_count=len(lot_ids))
    for detector in lot_detectors():
        outcome += _judge(detector, lot_ids, now, is_settled=is_settled)
    outcome += _spend(outcome, now)
    in_one_transaction(lambda: tell_recovery(outcome.ran, now))
    return outcome


def find_everywhere(*, now: datetime, is_timed: bool, is_settled: bool = False) -> Outcome:
    """Run the detectors that look at everything, each in its own transaction."""
    outcome = Outcome()
    for detector in detectors(is_timed=is_timed):
        outcome += _find(detector, now, is_settled=is_settled)
    in_one_transaction(lambda: tell_recovery(outcome.ran, now))
    return outcome


def _judge(
    detector: LotDetector, lot_ids: Sequence[int], now: datetime, *, is_settled: bool
) -> Outcome:
    rule = ensure_rule(detector=detector.code, description=detector.description)
    if not rule.is_enabled:
        return Outcome()
    turn = Turn(detector, rule, now, is_settled)
    outcome = turn.over(lot_ids)
    if turn.error is not None:
        log.error("detector %s failed on lots %s", detector.code, turn.failed, exc_info=turn.error)
        raised = tell_failure(detector.code, turn.error, turn.failed, now)
        again = dict.fromkeys(turn.failed, now + RETRY)
        outcome += Outcome(raised=tuple(raised), waiting=again)
    return outcome


@dataclass(slots=True)
class Turn:
    """One lot detector over one batch. failed: lots that it broke off on; error: the last one."""

    detector: LotDetector
    rule: Rule
    now: datetime
    is_settled: bool
    failed: list[int] = field(default_factory=list)
    error: Exception | None = None

    def over(self, lot_ids: Sequence[int]) -> Outcome:
        """Judge them together; where that breaks off, or is too much to read, half by half.

        So one odd lot keeps the detector from itself alone.
        """
        try:
            outcome = in_one_transaction(lambda: self._look(lot_ids))
        except Exception as error:
            if is_lost_race(error):
                return _tried_later(self.detector.code, lot_ids, self.now)
            if len(lot_ids) == 1:
                self.failed += lot_ids
                self.error = error
                return Outcome()
            log.warning("detector %s broke off on %s lots", self.detector.code, len(lot_ids))
            outcome = None
        middle = len(lot_ids) // 2
        return outcome or self.over(lot_ids[:middle]) + self.over(lot_ids[middle:])

    def _look(self, lot_ids: Sequence[int]) -> Outcome | None:
        """None where it is too much to read at once."""
        look = Look(self.rule, self.now, self.is_settled, tuple(lot_ids))
        if isinstance(self.detector, WeighingDetector):
            return self.weighed(self.detector, look)
        found = self.detector.judge(lot_ids, self.rule.parameters, self.now)
        is_too_much = isinstance(found, Partial) and len(lot_ids) > 1
        return None if is_too_much else _settle(look, found)

    def weighed(self, detector: WeighingDetector, look: Look) -> Outcome:
        """What goes by chance, for the budget to set against everything that was tested."""
        found = detector.weigh(look.lot_ids or (), self.rule.parameters, self.now)
        return replace(_settle(look, findings_of(found)), weighed={detector.code: tuple(found)})


def _tried_later(code: str, lot_ids: Sequence[int], now: datetime) -> Outcome:
    """Others were at the same rows again and again: nothing is wrong with the detector."""
    log.warning("detector %s gave way to others on %s lots", code, len(lot_ids))
    return Outcome(waiting=dict.fromkeys(lot_ids, now + RETRY))


def _spend(outcome: Outcome, now: datetime) -> Outcome:
    """Set what chance flagged against the budget."""
    lot_ids = sorted({lot_id for code in outcome.weighed for lot_id in outcome.ran[code]})
    try:
        weigh = partial(weigh_up, judged=outcome.ran, weighed=outcome.weighed, now=now)
        in_one_transaction(weigh)
        return Outcome(ran={BUDGET: tuple(lot_ids)})
    except Exception as error:
        if is_lost_race(error):
            return _tried_later(BUDGET, lot_ids, now)
        log.exception("the false-discovery budget failed on lots %s", lot_ids)
        raised = tell_failure(BUDGET, error, lot_ids, now)
        return Outcome(raised=tuple(raised), waiting=dict.fromkeys(lot_ids, now + RETRY))


def _find(detector: Detector, now: datetime, *, is_settled: bool) -> Outcome:
    rule = ensure_rule(detector=detector.code, description=detector.description)
    if not rule.is_enabled:
        return Outcome()
    look = Look(rule, now, is_settled, None)
    try:
        return in_one_transaction(lambda: _settle(look, detector.find(now)))
    except Exception as error:
        if is_lost_race(error):
            return _tried_later(detector.code, (), now)
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
    """Raise what is ripe, clear what is no longer found, and name what must wait.

    A Partial clears nothing: what it lacks was not read.
    """
    early = [] if look.is_settled else [one for one in found if _is_early(one, look.now)]
    ripe = [one for one in found if one not in early]
    explained = with_causes(look.rule.detector, ripe)
    raised = raise_findings(rule=look.rule, findings=explained, now=look.now)
    if not isinstance(found, Partial):
        left = places_left(rule=look.rule, lot_ids=look.lot_ids, findings=found)
        clear_places(rule=look.rule, places=left, now=look.now)
    return Outcome(
        raised=tuple(raised),
        waiting=_waiting(early) if look.lot_ids is not None else {},
        ran={look.rule.detector: look.lot_ids or ()},
    )


def _waiting(early: Iterable[Finding]) -> dict[int, datetime]:
    """Lot → the earliest instant at which one of its findings is ripe."""
    waiting: dict[int, datetime] = {}
    for one in early:
        if one.lot_id is not None and one.not_before is not None:
            known = waiting.get(one.lot_id, one.not_before)
            waiting[one.lot_id] = min(known, one.not_before)
    return waiting


def _is_early(finding: Finding, now: datetime) -> bool:
    return finding.not_before is not None and finding.not_before > now
