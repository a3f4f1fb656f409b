"""The issue queue and one issue with its evidence made readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from notices.domain.words import Severity
from operations.domain.evidence import (
    EvidenceRow,
    EvidenceTable,
    causes_table,
    evidence_rows,
    evidence_tables,
)
from operations.domain.evidence_drawing import EvidencePicture, draw_evidence
from operations.domain.pattern_drawing import PatternDrawing, PlaceCount, draw_pattern
from operations.domain.wafer_drawing import DieSize
from operations.selectors.home import by_urgency
from operations.selectors.map_layers import Material
from operations.selectors.orientations import orientation_of
from quality.domain.pictures import PointOf, frozen_picture
from quality.domain.words import CLOSED_STATES, OPEN_STATES, IssueState
from quality.models import (
    Issue,
    IssueAttachment,
    Rule,
    WeighedWeek,
    Weighing,
)
from quality.selectors.attachments import attachments_of
from quality.selectors.budget import BUDGET
from quality.selectors.issues import awake
from quality.selectors.sightings import with_found_lots
from supplychain.base.errors import MissingError

PAGE_ROWS = 50
WEEK_COUNTS = ("family_count", "flag_count", "budget_ratio")
STATES = ("open", "overdue", "snoozed", "to-check", "closed", *IssueState)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue is narrowed to; empty means anything. state: one of STATES."""

    state: str = "open"
    severity: str = ""
    rule: str = ""
    owner: str = ""
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue. rules: those that can be picked."""

    issues: Sequence[Issue]
    has_next: bool
    rules: Sequence[Rule]


def issue_queue(wanted: QueueFilter, user: User, now: datetime) -> QueuePage:
    """Worst and newest first. owner: `me`, `nobody` or empty.

    MissingError for a state or severity that there is not, and for a page after the last.
    """
    _refuse_unknown(wanted)
    issues = _narrowed(by_urgency(Issue.objects.all()), wanted, now)
    if wanted.owner == "me":
        issues = issues.filter(owner=user)
    if wanted.owner == "nobody":
        issues = issues.filter(owner__isnull=True)
    start = (wanted.page - 1) * PAGE_ROWS
    rows = list(issues[start : start + PAGE_ROWS + 1])
    if not rows and wanted.page > 1:
        raise MissingError(f"The queue has no page {wanted.page}. Go back to its first page.")
    return QueuePage(
        rows[:PAGE_ROWS],
        len(rows) > PAGE_ROWS,
        list(Rule.objects.exclude(detector=BUDGET).order_by("name")),
    )


def _refuse_unknown(wanted: QueueFilter) -> None:
    if wanted.state not in STATES:
        raise MissingError(f"Issues have no such state. Ask for one of: {', '.join(STATES)}.")
    if wanted.severity and wanted.severity not in set(Severity):
        raise MissingError(f"Issues have no such severity. Ask for one of: {', '.join(Severity)}.")


def _narrowed(issues: QuerySet[Issue], wanted: QueueFilter, now: datetime) -> QuerySet[Issue]:
    issues = issues.filter(_in_state(wanted.state, now))
    if wanted.severity:
        issues = issues.filter(severity=wanted.severity)
    if wanted.rule:
        issues = issues.filter(rule__code=wanted.rule)
    if wanted.text:
        issues = issues.filter(title__icontains=wanted.text)
    return issues


def _in_state(state: str, now: datetime) -> Q:
    is_open = Q(state__in=OPEN_STATES)
    if state == "open":
        return is_open & awake(now)
    if state == "overdue":
        return is_open & Q(due_on__lt=now.date())
    if state == "snoozed":
        return is_open & ~awake(now)
    if state == "to-check":
        return Q(state=IssueState.RESOLVED, check_on__lte=now.date())
    if state == "closed":
        return Q(state__in=CLOSED_STATES)
    return Q(state=state)


def issue_by_number(number: str) -> Issue:
    """The issue with what its page names. MissingError for an unknown number."""
    issues = Issue.objects.select_related(
        "rule", "lot__product", "step", "wafer", "unit", "owner", "closed_by", "previous",
        "merged_into", "weighing__lot_step__lot",
    )  # fmt: skip
    week = WeighedWeek.objects.filter(starts_on=OuterRef("weighing__week_on"))
    files = IssueAttachment.objects.filter(
        Q(issue=OuterRef("pk")) | Q(issue__merged_into=OuterRef("pk"))
    )
    told = issues.annotate(
        has_merged=Exists(Issue.objects.filter(merged_into=OuterRef("pk"))),
        has_files=Exists(files),
        **{name: Subquery(week.values(name)) for name in WEEK_COUNTS},
    )
    found = with_found_lots(told).filter(number=number).first()
    if found is None:
        raise MissingError(f"There is no issue {number}. Numbers look like Q-000123.")
    return found


@dataclass(frozen=True, slots=True)
class Sureness:
    """A flag of chance beside all tests of its week. is_sure: within the budget of then."""

    weighing: Weighing
    tests: int
    flags: int
    budget: float

    @property
    def is_sure(self) -> bool:
        return self.weighing.q_value is not None and self.weighing.q_value <= self.budget


def sureness_of(issue: Issue) -> Sureness | None:
    """Of an issue that `issue_by_number` gave; None for one that does not go by chance."""
    if issue.weighing is None:
        return None
    return Sureness(issue.weighing, *(vars(issue)[name] for name in WEEK_COUNTS))


def merged_into(issue: Issue) -> Sequence[Issue]:
    """Issues that this one stands for, in order of number; not asked for when there are none."""
    return list(issue.merged.order_by("pk")) if vars(issue)["has_merged"] else []


def files_of(issue: Issue) -> Sequence[IssueAttachment]:
    """Its files, those of what was merged into it included; not asked for when there are none."""
    return list(attachments_of(issue)) if vars(issue)["has_files"] else []


def issues_by_id(ids: Sequence[int]) -> list[Issue]:
    """Picked issues, in order of number."""
    return list(
        Issue.objects.select_related("rule", "lot", "owner").filter(id__in=ids).order_by("id")
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence as rows of name and value, lists as tables, and the lots behind a limit."""

    rows: Sequence[EvidenceRow]
    tables: Sequence[EvidenceTable]
    causes: EvidenceTable | None
    baseline: Sequence[str]


def pattern_of(issue: Issue) -> PatternDrawing | None:
    """The frozen map of the lot's wafers, drawn; None where the issue is about no pattern."""
    facts = issue.evidence.get("facts", {})
    counts = [PlaceCount(*row) for row in facts.get("map", [])]
    if not counts or issue.lot is None:
        return None
    product = issue.lot.product
    size = DieSize(product.die_width_mm, product.die_height_mm)
    lie = orientation_of(Material(issue.lot), issue.step)
    return draw_pattern(counts, [(x, y) for x, y in facts.get("shape", [])], size, lie)


def pictures_of(issue: Issue) -> Sequence[EvidencePicture]:
    """The frozen pictures, drawn; none of an issue from before there were any."""
    frozen = [frozen_picture(stored) for stored in issue.evidence.get("pictures", [])]
    codes = {point.name for one in frozen if one.of is PointOf.LOT for point in one.points}
    pages = {code: reverse("operations:lot-detail", args=[code]) for code in codes}
    return [
        draw_evidence(f"picture-{number}", one, pages) for number, one in enumerate(frozen, start=1)
    ]


def evidence_of(issue: Issue) -> Evidence:
    """The frozen evidence, readable."""
    evidence: Mapping[str, object] = issue.evidence
    baseline = evidence.get("baseline", [])
    codes = [str(code) for code in baseline] if isinstance(baseline, list) else []
    facts = evidence.get("facts", {})
    named = {name: value for name, value in evidence.items() if name not in {"baseline", "facts"}}
    if isinstance(facts, Mapping):
        named |= facts
    return Evidence(evidence_rows(named), evidence_tables(named), causes_table(named), codes)
