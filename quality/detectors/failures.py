"""A detector that breaks is an issue too: what it would have flagged, nobody sees meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zlib import crc32

from django.db import transaction

from quality.domain.findings import Evidence, Finding, Json
from quality.domain.words import FOUND_KINDS, IssueEventKind
from quality.models import Issue, Rule
from quality.selectors.issues import standing_issues
from quality.services.findings import clear_causes, raise_findings
from quality.services.history import Act, locked, write_act
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
        cause_key=_cause(detector),
        title=f"Detector {detector} failed: {kind}",
        revision=f"{kind} on {now:%Y-%m-%d} over {lots:08x}{_again(detector, lot_ids, now)}",
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


@transaction.atomic
def tell_recovery(ran: Mapping[str, Sequence[int]], now: datetime) -> None:
    """These detectors ran to their end on these lots: each is struck off the failure's list.

    The failure is over with the last of them; one that looks at everything has no list.
    """
    rule = Rule.objects.filter(detector=CODE).first()
    if rule is None or not ran:
        return
    codes = {_cause(code): code for code in ran}
    over = []
    for issue in standing_issues(rule).filter(cause_key__in=codes).order_by("pk"):
        failing = _failing(locked(issue))
        left = failing - set(ran[codes[issue.cause_key]])
        if not left:
            over.append(issue)
        elif left != failing:
            _strike_off(issue, left, len(failing), now)
    clear_causes(rule=rule, issues=over, now=now)


def _strike_off(issue: Issue, left: set[int], count: int, now: datetime) -> None:
    note = f"Came to its end on {count - len(left)} of {count} lots."
    facts: dict[str, Json] = {"facts": {"lot_ids": sorted(left)}}
    write_act(locked(issue), Act(IssueEventKind.COMMENTED, now, note=note, evidence=facts))


def _again(detector: str, lot_ids: Sequence[int], now: datetime) -> str:
    """Tells a failure on lots that had been struck off from the first one of the day."""
    standing = standing_issues(_rule()).filter(cause_key=_cause(detector)).first()
    is_known = standing is None or set(lot_ids) <= _failing(standing)
    return "" if is_known else f" at {now:%H:%M:%S}"


def _failing(issue: Issue) -> set[int]:
    """Lots that the detector failed on since it last ran, and has not come to its end on."""
    failing: set[int] = set()
    for kind, evidence in issue.events.order_by("id").values_list("kind", "evidence"):
        lot_ids = set(evidence.get("facts", {}).get("lot_ids", []))
        if kind in FOUND_KINDS:
            failing |= lot_ids
        elif kind == IssueEventKind.CLEARED or "facts" in evidence:
            failing = lot_ids
    return failing


def _cause(detector: str) -> str:
    return f"{CODE}:{detector}"


def _rule() -> Rule:
    return ensure_rule(detector=CODE, description=DESCRIPTION)
