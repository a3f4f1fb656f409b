"""How the figures of a lot step changed, and which identities contradict each other."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from supplychain.base.choices import choices
from testing.domain.leads import Place, place_of
from testing.domain.words import ConflictKind, ConflictVerdict, RestatementCause, RetestPolicy
from testing.models.results import LotStep, Run


class Restatement(models.Model):
    """The figures of a lot step as they stood from one revision on; never changed or deleted.

    What they were before is the row of the revision before. run: the file that caused it. actor,
    reason: the person who did, and why.
    """

    lot_step = models.ForeignKey(LotStep, models.PROTECT, related_name="restatements")
    revision = models.PositiveIntegerField()
    cause = models.CharField(max_length=16, choices=choices(RestatementCause))
    run = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="restatements")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    policy = models.CharField(max_length=16, choices=choices(RetestPolicy))
    insertion_count = models.PositiveIntegerField()
    unit_count = models.PositiveIntegerField()
    first_pass_count = models.PositiveIntegerField()
    final_pass_count = models.PositiveIntegerField()
    retested_count = models.PositiveIntegerField()
    recovered_count = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["lot_step", "revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["lot_step", "revision"], name="testing_restatement_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lot_step} revision {self.revision}"


class IdentityConflict(models.Model):
    """Two identities of one lot step that contradict each other; apart until someone decides.

    subject: the place or part id; names: the part ids or places that contradict, by comma. Of kind
    counted, names are our rows of the runs (`run-7`), and their parts one set until then.
    verdict, reason, decided_by, decided_at: the newest of its decisions.
    """

    lot_step = models.ForeignKey(LotStep, models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=16, choices=choices(ConflictKind))
    subject = models.CharField(max_length=160)
    names = models.TextField()
    verdict = models.CharField(
        max_length=16, choices=choices(ConflictVerdict), default=ConflictVerdict.OPEN
    )
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["lot_step", "kind", "subject"]
        constraints = [
            models.UniqueConstraint(
                fields=["lot_step", "kind", "subject"], name="testing_conflict_once"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=ConflictVerdict.OPEN)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="testing_conflict_decided_by_someone",
            ),
        ]
        permissions = [("decide_identityconflict", "Can decide identity conflicts")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.names}"

    @property
    def is_two_ids(self) -> bool:
        """One position under several part ids; else one part id at several positions."""
        return self.kind == ConflictKind.TWO_IDS

    @property
    def is_counted(self) -> bool:
        """Several sessions, each of which only counts its parts."""
        return self.kind == ConflictKind.COUNTED

    @property
    def run_ids(self) -> tuple[int, ...]:
        """Our rows of the sessions that count."""
        names = self.names.split(", ") if self.is_counted else ()
        return tuple(int(name.removeprefix("run-")) for name in names)

    @property
    def part_ids(self) -> tuple[str, ...]:
        """Every part id in it."""
        if self.is_counted:
            return ()
        return tuple(self.names.split(", ")) if self.is_two_ids else (self.subject,)

    @property
    def places(self) -> tuple[Place, ...]:
        """Every position in it: wafer (our row, -1 for none), x and y."""
        if self.is_counted:
            return ()
        keys = [self.subject] if self.is_two_ids else self.names.split(", ")
        return tuple(map(place_of, keys))


class ConflictDecision(models.Model):
    """One decision about an identity conflict; a later one counts in its place, none is lost."""

    conflict = models.ForeignKey(IdentityConflict, models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=16, choices=choices(ConflictVerdict))
    reason = models.TextField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["conflict", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(verdict=ConflictVerdict.OPEN) & ~models.Q(reason=""),
                name="testing_decision_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conflict}: {self.verdict}"
