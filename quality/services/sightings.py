"""Rows of where causes are found: kept as findings come, and what of them stands for an issue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from quality.domain.findings import Finding
from quality.domain.words import FOUND_KINDS
from quality.models import ExplainedLot, Issue, IssueEvent, Rule, Sighting
from quality.selectors.sightings import is_standing

PLACE = ("cause_key", "lot_id", "step_id")
Place = tuple[str, int | None, int | None]


def keep_sightings(*, rule: Rule, findings: Iterable[Finding]) -> None:
    """A row for the place of each finding, with its facts; the caller has locked the causes.

    Of two findings of one cause at one place the later one stands.
    """
    wanted = {place_of(finding): finding.revision for finding in findings}
    rows = Sighting.objects.filter(cause_key__in={key for key, _, _ in wanted})
    told = rows.values_list(*PLACE, "revision")
    known = {(key, lot_id, step_id): revision for key, lot_id, step_id, revision in told}
    Sighting.objects.bulk_create(
        [
            Sighting(rule=rule, cause_key=key, lot_id=lot_id, step_id=step_id, revision=revision)
            for (key, lot_id, step_id), revision in wanted.items()
            if known.get((key, lot_id, step_id)) != revision
        ],
        update_conflicts=True,
        unique_fields=["cause_key", "lot", "step"],
        update_fields=["revision"],
    )


def places_left(
    *, rule: Rule, lot_ids: Sequence[int] | None, findings: Iterable[Finding]
) -> list[Sighting]:
    """Where the detector found a cause before and now does not; in these lots, or anywhere."""
    now = {place_of(finding) for finding in findings}
    rows = Sighting.objects.filter(rule=rule).order_by("pk")
    if lot_ids is not None:
        rows = rows.filter(lot__in=lot_ids)
    return [row for row in rows if (row.cause_key, row.lot_id, row.step_id) not in now]


def standing_ids(issues: Sequence[Issue]) -> set[int]:
    """Those of the issues that are found somewhere, on facts that they were found on."""
    rows = Issue.objects.filter(is_standing(), pk__in=[issue.pk for issue in issues])
    return set(rows.values_list("pk", flat=True))


def explain_lots(*, head: Issue) -> None:
    """Remember the lots that it, and what was merged into it, stands on as its cause is known.

    Each issue keeps the lot it was opened on, and those where it is found on facts of its own. The
    caller has locked the issue.
    """
    issues = list(Issue.objects.filter(Q(pk=head.pk) | Q(merged_into=head)).order_by("pk"))
    places = {(issue.pk, issue.lot_id, issue.step_id) for issue in issues}
    for issue in issues:
        known = IssueEvent.objects.filter(issue=issue, kind__in=FOUND_KINDS)
        seen = Sighting.objects.filter(
            cause_key=issue.cause_key, revision__in=known.values("revision")
        )
        places |= {(issue.pk, *place) for place in seen.values_list("lot_id", "step_id")}
    rows = [
        ExplainedLot(issue_id=issue_id, lot_id=lot_id, step_id=step_id)
        for issue_id, lot_id, step_id in places
        if lot_id is not None and step_id is not None
    ]
    ExplainedLot.objects.bulk_create(rows, ignore_conflicts=True)


def place_of(finding: Finding) -> Place:
    """Where it was found, and what."""
    return finding.cause_key, finding.lot_id, finding.step_id
