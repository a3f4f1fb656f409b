"""What a person opens the system for in the morning: what is new, got worse, and waits for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery

from finance.models import (
    AssetPlan,
    CostVersion,
    Invoice,
    PostingRules,
    Revaluation,
    StepStage,
    WriteDown,
)
from lots.models import Waiver
from operations.selectors.dispositions import CARRY_OUT, SIGN
from operations.selectors.home import by_urgency
from quality.domain.words import OPEN_STATES, DispositionState, IssueEventKind, IssueState
from quality.models import Disposition, Issue, IssueEvent, LimitVersion
from quality.selectors.dispositions import signable_by
from quality.selectors.issues import awake

ROWS_MAX = 8
READ_MAX = 60
DAYS = {"1": "Since yesterday", "3": "In 3 days", "7": "In a week"}
WORSE = (
    IssueEventKind.REOPENED,
    IssueEventKind.FOUND_AGAIN,
    IssueEventKind.TOOK_IN,
    IssueEventKind.ESCALATED,
)
WORDS = {
    IssueEventKind.REOPENED: "open again",
    IssueEventKind.FOUND_AGAIN: "found again",
    IssueEventKind.TOOK_IN: "more merged into it",
    IssueEventKind.ESCALATED: "surer than before",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """An issue of the morning. words: what happened to it since; empty for nothing."""

    issue: Issue
    words: str


@dataclass(frozen=True, slots=True)
class Morning:
    """Open issues, worst first: opened since then, worse since then, and the others.

    Of each the first ROWS_MAX; new_count, worse_count: of the newest READ_MAX that changed.
    """

    new: Sequence[Seen]
    worse: Sequence[Seen]
    rest: Sequence[Seen]
    new_count: int
    worse_count: int

    @property
    def is_quiet(self) -> bool:
        """Whether nothing changed."""
        return not self.new and not self.worse


def morning(now: datetime, days: int) -> Morning:
    """One query; issues that somebody put off are left out."""
    since = now - timedelta(days=days)
    events = IssueEvent.objects.filter(issue=OuterRef("pk"), at__gte=since, kind__in=WORSE)
    rows = Issue.objects.filter(awake(now), state__in=OPEN_STATES).annotate(
        happened=Subquery(events.order_by("-id").values("kind")[:1]),
        is_changed=Q(opened_at__gte=since) | Exists(events),
    )
    found = list(by_urgency(rows, "-is_changed")[:READ_MAX])
    new = [one for one in found if one.opened_at >= since]
    worse = [one for one in found if one.opened_at < since and _happened(one)]
    rest = [one for one in found if one.opened_at < since and not _happened(one)]
    return Morning(
        new=[Seen(one, "") for one in new[:ROWS_MAX]],
        worse=[Seen(one, WORDS[IssueEventKind(_happened(one))]) for one in worse[:ROWS_MAX]],
        rest=[Seen(one, "") for one in rest[:ROWS_MAX]],
        new_count=len(new),
        worse_count=len(worse),
    )


def _happened(issue: Issue) -> str:
    """The last that made it worse since then; empty for nothing."""
    return vars(issue)["happened"] or ""


class CountOf(Subquery):
    """How many rows a query has, as a column of another."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that waits for a person. one, many: words behind the count.

    is_late: past its day.
    """

    name: str
    one: str
    many: str
    address: str
    right: str
    rows: Callable[[User, datetime], QuerySet[Any]]
    is_late: bool = False


def _own(person: User, now: datetime) -> QuerySet[Issue]:
    return Issue.objects.filter(awake(now), owner=person, state__in=OPEN_STATES)


def _overdue(person: User, now: datetime) -> QuerySet[Issue]:
    return Issue.objects.filter(owner=person, state__in=OPEN_STATES, due_on__lt=now.date())


def _to_check(person: User, now: datetime) -> QuerySet[Issue]:
    """Another person verifies."""
    rows = Issue.objects.filter(state=IssueState.RESOLVED, check_on__lte=now.date())
    return rows.exclude(closed_by=person)


def _to_sign(person: User, now: datetime) -> QuerySet[Disposition]:
    return Disposition.objects.filter(pk__in=signable_by(person).values("disposition"))


def _to_carry_out(person: User, now: datetime) -> QuerySet[Disposition]:
    return Disposition.objects.filter(state=DispositionState.SIGNED)


def _to_approve(person: User, now: datetime) -> QuerySet[LimitVersion]:
    rows = LimitVersion.objects.filter(approved_by=None, withdrawn_by=None)
    return rows.exclude(prepared_by=person)


def _drafts(rows: QuerySet[Any]) -> Callable[[User, datetime], QuerySet[Any]]:
    """Of the books: what another person than who prepared it has to approve."""

    def waiting(person: User, now: datetime) -> QuerySet[Any]:
        return rows.filter(approved_by=None).exclude(prepared_by=person)

    return waiting


def _to_waive(person: User, now: datetime) -> QuerySet[Waiver]:
    rows = Waiver.objects.filter(approved_by=None, revoked_at=None, valid_to__gt=now)
    return rows.exclude(requested_by=person)


VIEW = "quality.view_issue"
ERRANDS = (
    Errand(
        "overdue", "issue of mine is overdue", "issues of mine are overdue",
        "/issues?owner=me&state=overdue", VIEW, _overdue, is_late=True,
    ),
    Errand("own", "open issue is mine", "open issues are mine", "/issues?owner=me", VIEW, _own),
    Errand(
        "to_sign", "disposition waits for my signature", "dispositions wait for my signature",
        "/dispositions", SIGN, _to_sign,
    ),
    Errand(
        "to_carry_out", "signed disposition is to be carried out",
        "signed dispositions are to be carried out", "/dispositions", CARRY_OUT, _to_carry_out,
    ),
    Errand(
        "to_check", "resolved issue is to be checked", "resolved issues are to be checked",
        "/issues?state=to-check", "quality.verify_issue", _to_check,
    ),
    Errand(
        "to_approve", "limit waits for approval", "limits wait for approval",
        "/limits", "quality.approve_limitversion", _to_approve,
    ),
    Errand(
        "to_waive", "waiver waits for approval", "waivers wait for approval",
        "/admin/lots/waiver/", "lots.approve_waiver", _to_waive,
    ),
    Errand(
        "to_cost", "version of standard costs waits for approval",
        "versions of standard costs wait for approval",
        "/finance/costs", "finance.approve_costversion", _drafts(CostVersion.objects.all()),
    ),
    Errand(
        "to_rule", "version of posting rules waits for approval",
        "versions of posting rules wait for approval",
        "/finance/posting-rules", "finance.approve_postingrules",
        _drafts(PostingRules.objects.all()),
    ),
    Errand(
        "to_stage", "stage of a step waits for approval", "stages of steps wait for approval",
        "/finance/posting-rules", "finance.approve_stepstage", _drafts(StepStage.objects.all()),
    ),
    Errand(
        "to_depreciate", "plan of assets waits for approval", "plans of assets wait for approval",
        "/finance/asset-plans", "finance.approve_assetplan", _drafts(AssetPlan.objects.all()),
    ),
    Errand(
        "to_invoice", "invoice waits for approval", "invoices wait for approval",
        "/finance/invoices", "finance.approve_invoice", _drafts(Invoice.objects.all()),
    ),
    Errand(
        "to_revalue", "revaluation waits for approval", "revaluations wait for approval",
        "/finance/revaluations", "finance.approve_revaluation", _drafts(Revaluation.objects.all()),
    ),
    Errand(
        "to_write_down", "write-down waits for approval", "write-downs wait for approval",
        "/finance/write-downs", "finance.approve_writedown", _drafts(WriteDown.objects.all()),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """An errand with how many there are."""

    errand: Errand
    count: int

    @property
    def words(self) -> str:
        """Behind the count."""
        return self.errand.one if self.count == 1 else self.errand.many


def waiting_for_me(person: User, now: datetime) -> dict[str, Waiting]:
    """Name of each errand that the person has the right to → how many; one query."""
    mine = [errand for errand in ERRANDS if person.has_perm(errand.right)]
    columns = {errand.name: CountOf(errand.rows(person, now).values("pk")) for errand in mine}
    told = User.objects.filter(pk=person.pk).annotate(**columns)
    counts = dict(zip(columns, told.values_list(*columns).get(), strict=True)) if columns else {}
    return {errand.name: Waiting(errand, counts[errand.name]) for errand in mine}
