"""Rows of where causes are found: kept as findings come, and what of them stands for an issue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quality.domain.findings import Finding
from quality.models import Issue, Rule, Sighting
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


def place_of(finding: Finding) -> Place:
    """Where it was found, and what."""
    return finding.cause_key, finding.lot_id, finding.step_id
