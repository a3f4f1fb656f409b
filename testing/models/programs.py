"""What decides: programs, their revisions, bins and parameters; and what measured: equipment."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from lots.domain.words import BinKind
from lots.models import Product, Supplier
from supplychain.base.choices import choices
from testing.domain.layouts import layout_fault
from testing.domain.releases import Release, was_released
from testing.domain.words import EquipmentKind, ParameterKind, ReleaseState


def validate_sockets(value: object) -> None:
    """Rows of names. ValidationError otherwise."""
    if fault := layout_fault(value):
        raise ValidationError(fault)


class BoardLayout(models.Model):
    """Where the sockets of a kind of burn-in boards lie, as `testing.domain.layouts` says."""

    code = models.CharField(max_length=64, unique=True)
    sockets = models.JSONField(
        validators=[validate_sockets],
        help_text='Rows of names, the top row first: [["S01", "S02"], ["S03", ""]].',
    )

    class Meta:
        verbose_name = "burn-in board layout"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Equipment(models.Model):
    """A tester, oven, probe card or board, as named in its files; compared in commonality.

    layout: of a burn-in board, where it was stated.
    """

    kind = models.CharField(max_length=16, choices=choices(EquipmentKind))
    code = models.CharField(max_length=120)
    model = models.CharField(max_length=120, blank=True)
    supplier = models.ForeignKey(Supplier, models.PROTECT, null=True, blank=True)
    layout = models.ForeignKey(
        BoardLayout, models.PROTECT, null=True, blank=True, related_name="boards"
    )

    class Meta:
        verbose_name_plural = "equipment"
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="testing_equipment_code")
        ]

    def __str__(self) -> str:
        return self.code


class Program(models.Model):
    """A test program for one product, as its job name says."""

    code = models.CharField(max_length=120)
    product = models.ForeignKey(Product, models.PROTECT, related_name="programs")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "product"], name="testing_program_code")
        ]

    def __str__(self) -> str:
        return self.code


class ProgramRevision(models.Model):
    """One revision of a program; only a released one may decide about production.

    Its release is prepared by one person with a reason, and made by another.
    """

    program = models.ForeignKey(Program, models.PROTECT, related_name="revisions")
    revision = models.CharField(max_length=120, blank=True)
    state = models.CharField(
        max_length=16, choices=choices(ReleaseState), default=ReleaseState.UNRELEASED
    )
    release_reason = models.TextField(blank=True)
    prepared_at = models.DateTimeField(null=True, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["program", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["program", "revision"], name="testing_revision_once"),
            models.CheckConstraint(
                condition=~models.Q(state=ReleaseState.RELEASED)
                | models.Q(released_at__isnull=False),
                name="testing_revision_released_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ReleaseState.RELEASED)
                | models.Q(
                    models.Q(prepared_by__isnull=False, released_by__isnull=False),
                    ~models.Q(prepared_by=models.F("released_by")),
                    ~models.Q(release_reason=""),
                ),
                name="testing_revision_released_by_two",
            ),
        ]
        permissions = [("release_programrevision", "Can release program revisions")]

    def __str__(self) -> str:
        return f"{self.program} {self.revision}".strip()

    @property
    def is_prepared(self) -> bool:
        """Waits for another person to release it."""
        return self.state == ReleaseState.UNRELEASED and self.prepared_by_id is not None

    def was_released(self, at: datetime) -> bool:
        """Whether it might decide about production then."""
        release = Release(ReleaseState(self.state), self.released_at, self.retired_at)
        return was_released(release, at)


class BinDefinition(models.Model):
    """A hard or soft bin of a revision. passes: null where the file does not say.

    Name and passes are those of the run stated_by, whose word stands: `testing.domain.statements`.
    """

    revision = models.ForeignKey(ProgramRevision, models.PROTECT, related_name="bins")
    kind = models.CharField(max_length=8, choices=choices(BinKind))
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    passes = models.BooleanField(null=True, blank=True)
    stated_by = models.ForeignKey(
        "testing.Run", models.PROTECT, null=True, editable=False, db_index=False, related_name="+"
    )

    class Meta:
        ordering = ["revision", "kind", "number"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "kind", "number"], name="testing_bin_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class Parameter(models.Model):
    """One test of a revision. Identity: (number, text, occurrence within the part).

    limit_low, limit_high: base units; null = none. scale: display exponent only. They are as the
    run stated_by has them, whose word stands: `testing.domain.statements`.
    """

    revision = models.ForeignKey(ProgramRevision, models.PROTECT, related_name="parameters")
    number = models.BigIntegerField()
    text = models.CharField(max_length=255, blank=True)
    occurrence = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=16, choices=choices(ParameterKind))
    units = models.CharField(max_length=32, blank=True)
    scale = models.SmallIntegerField(null=True, blank=True)
    limit_low = models.FloatField(null=True, blank=True)
    limit_high = models.FloatField(null=True, blank=True)
    stated_by = models.ForeignKey(
        "testing.Run", models.PROTECT, null=True, editable=False, db_index=False, related_name="+"
    )

    class Meta:
        ordering = ["revision", "number", "text", "occurrence"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "number", "text", "occurrence"], name="testing_parameter_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}".strip()
