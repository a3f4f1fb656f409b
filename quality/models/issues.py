"""Production issues: one open for each cause, with evidence and history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.models import Lot, Step, Unit, Wafer
from notices.domain.words import Severity
from quality.domain.words import (
    CLOSED_STATES,
    OPEN_STATES,
    IssueEventKind,
    IssueState,
)
from quality.models.budget import Weighing
from quality.models.rules import Rule
from supplychain.base.choices import choices

OPEN = models.Q(state__in=sorted(OPEN_STATES))
CLOSED = models.Q(state__in=sorted(CLOSED_STATES))


class IssueCounter(models.Model):
    """One row: the last issue number given out. Locked while findings are raised."""

    name = models.CharField(max_length=16, primary_key=True)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.count}"


class Issue(models.Model):
    """A cause that somebody must look at.

    evidence, cause_key, rule and number never change (a trigger refuses it). is_found: whether the
    detector found this very cause when it last looked. cleared_at: since then it, and all that was
    merged into it, is not found; null while any is. merged_into: the issue that stands for it; only
    an open one, itself not merged (a trigger sees to it). cause: what a person found out; a lot
    with a recorded cause leaves the baselines. snoozed_until: out of the queue until then.
    weighing: the surest of the tests that flagged its cause; null for what does not go by chance.
    is_escalated: within the false-discovery budget, or not set against it; else it is shown, and
    neither told nor held for.
    """

    number = models.CharField(max_length=16, unique=True, editable=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="issues")
    cause_key = models.CharField(max_length=200, editable=False)
    title = models.CharField(max_length=200)
    severity = models.CharField(max_length=16, choices=choices(Severity))
    state = models.CharField(max_length=16, choices=choices(IssueState), default=IssueState.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="issues"
    )
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="issues")
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="issues")
    wafer = models.ForeignKey(Wafer, models.PROTECT, null=True, blank=True, related_name="issues")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="issues")
    evidence = models.JSONField(default=dict, editable=False)
    weighing = models.ForeignKey(
        Weighing, models.SET_NULL, null=True, blank=True, editable=False, related_name="issues"
    )
    is_escalated = models.BooleanField(default=True, db_default=True, editable=False)
    units_at_risk = models.PositiveIntegerField(
        null=True, editable=False, help_text="Of its lot, when it was opened."
    )
    amount_at_risk = models.DecimalField(max_digits=20, decimal_places=2, null=True, editable=False)
    currency = models.CharField(max_length=3, blank=True, editable=False)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="next_issues"
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )
    opened_at = models.DateTimeField()
    found_at = models.DateTimeField(help_text="Last time the detector found it.")
    is_found = models.BooleanField(default=True, db_default=True, editable=False)
    cleared_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="issues_closed",
    )
    cause = models.CharField(max_length=200, blank=True)
    resolution = models.TextField(blank=True, help_text="What was done, or why it is dismissed.")
    containment = models.TextField(blank=True, help_text="What keeps it from spreading.")
    corrective_action = models.TextField(blank=True, help_text="What keeps it from coming back.")
    due_on = models.DateField(null=True, blank=True, help_text="When it must be dealt with.")
    check_on = models.DateField(null=True, blank=True, help_text="When to look whether it helped.")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause_key"], name="quality_issue_one_open", condition=OPEN
            ),
            models.CheckConstraint(
                condition=models.Q(OPEN, closed_at__isnull=True)
                | models.Q(CLOSED, closed_at__isnull=False),
                name="quality_issue_closed_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=IssueState.DISMISSED, resolution=""),
                name="quality_issue_dismissed_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state=IssueState.MERGED, merged_into__isnull=False)
                | (~models.Q(state=IssueState.MERGED) & models.Q(merged_into__isnull=True)),
                name="quality_issue_merged_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["cause_key", "-id"], name="quality_issue_cause"),
            models.Index(fields=["state", "-id"], name="quality_issue_state"),
            models.Index(fields=["rule", "state"], name="quality_issue_rule"),
        ]
        permissions = [
            ("assign_issue", "Can assign issues"),
            ("acknowledge_issue", "Can acknowledge and investigate issues"),
            ("comment_issue", "Can comment on issues"),
            ("resolve_issue", "Can resolve issues"),
            ("dismiss_issue", "Can dismiss issues"),
            ("reopen_issue", "Can reopen issues"),
            ("verify_issue", "Can verify that a resolved issue stays away"),
            ("merge_issue", "Can merge issues of one cause, and separate them again"),
            ("attach_issue", "Can attach files to issues"),
            ("unattach_issue", "Can withdraw files that others attached to issues"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class IssueEvent(models.Model):
    """One thing that happened to an issue. Never updated, never deleted.

    actor null: a detector. revision: the facts it then found, where it found any.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="issue_events"
    )
    kind = models.CharField(max_length=16, choices=choices(IssueEventKind))
    state_from = models.CharField(max_length=16, choices=choices(IssueState), blank=True)
    state_to = models.CharField(max_length=16, choices=choices(IssueState))
    note = models.TextField(blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    revision = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.issue.number}: {self.kind}"
