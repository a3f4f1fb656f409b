"""Material review: what is decided on the material of an issue, and who signed it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models.functions import Now

from lots.domain.words import UnitOfMeasure
from lots.models import Lot
from quality.domain.dispositions import disposition_number
from quality.domain.words import UNDECIDED, DispositionKind, DispositionState
from quality.models.issues import Issue, IssueEvent
from supplychain.base.choices import choices


class RequiredSignature(models.Model):
    """A role that must sign one kind of disposition, from more than so many units."""

    kind = models.CharField(max_length=16, choices=choices(DispositionKind))
    role = models.ForeignKey(Group, models.PROTECT, related_name="+")
    above_quantity = models.PositiveIntegerField(
        default=0, help_text="Signs for more than so many; 0 is always."
    )
    unit_of_measure = models.CharField(
        max_length=16,
        choices=choices(UnitOfMeasure),
        blank=True,
        help_text="What is counted; empty for all that have no line of their own.",
    )

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "role", "unit_of_measure"], name="quality_requiredsignature_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} signs {self.kind}"


class Disposition(models.Model):
    """A decision on a lot, or on wafers or units of it, on hold for an issue.

    wafers, serials: the part; none is the whole lot. details: what the kind names beside it.
    standing: where the lot stood when it was proposed. A trigger freezes all but state and end.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="dispositions")
    kind = models.CharField(max_length=16, choices=choices(DispositionKind))
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="dispositions")
    wafers = models.JSONField(default=list, blank=True)
    serials = models.JSONField(default=list, blank=True)
    quantity = models.PositiveIntegerField()
    details = models.JSONField(default=dict, blank=True)
    standing = models.JSONField()
    reason = models.TextField()
    state = models.CharField(
        max_length=16, choices=choices(DispositionState), default=DispositionState.PROPOSED
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="dispositions_proposed"
    )
    proposed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = models.TextField(blank=True, help_text="Why it was refused or withdrawn.")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "lot"],
                name="quality_disposition_one_open",
                condition=models.Q(state__in=sorted(UNDECIDED)),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(UNDECIDED), ended_at__isnull=True)
                | (~models.Q(state__in=sorted(UNDECIDED)) & models.Q(ended_at__isnull=False)),
                name="quality_disposition_ended_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DispositionState.REFUSED, end_note=""),
                name="quality_disposition_refused_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="quality_disposition_state")]
        permissions = [
            ("propose_disposition", "Can propose dispositions"),
            ("sign_disposition", "Can sign or refuse dispositions"),
            ("carry_out_disposition", "Can carry out dispositions"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"

    @property
    def number(self) -> str:
        return disposition_number(self.pk)


class Signature(models.Model):
    """A role's signature that a disposition needs; person is null until somebody gives it.

    Triggers refuse it from who proposed the disposition, a second one of one person, and any
    change of one that was given.
    """

    disposition = models.ForeignKey(Disposition, models.PROTECT, related_name="signatures")
    role = models.ForeignKey(Group, models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="signatures"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    is_refusal = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["disposition", "role"], name="quality_signature_role_once"
            ),
            models.UniqueConstraint(
                fields=["disposition", "person"], name="quality_signature_person_once"
            ),
            models.CheckConstraint(
                condition=models.Q(person__isnull=True, signed_at__isnull=True, is_refusal=False)
                | models.Q(person__isnull=False, signed_at__isnull=False),
                name="quality_signature_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["role"],
                name="quality_signature_waiting",
                condition=models.Q(person__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disposition.number} for {self.role}"


class DispositionAct(models.Model):
    """One act on a disposition, by the key it was asked under. Never updated, never deleted.

    asked_sha256: of what was asked; the same key with other words is a conflict.
    """

    disposition = models.ForeignKey(Disposition, models.PROTECT, related_name="acts")
    event = models.OneToOneField(IssueEvent, models.PROTECT, related_name="disposition_act")
    op_key = models.CharField(max_length=200, unique=True)
    asked_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.disposition.number}: {self.event.kind}"
