"""The required sequence of steps, versioned."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from lots.domain.words import GateMode, StepKind, TrackDepth, VersionState
from lots.models.products import Supplier
from supplychain.base.choices import choices


class Route(models.Model):
    """A named way through the line, such as A, the TSMC N3 chip."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class RouteVersion(models.Model):
    """One frozen edition of a route; a lot stays on the one it started on."""

    route = models.ForeignKey(Route, models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=16, choices=choices(VersionState), default=VersionState.DRAFT
    )
    released_at = models.DateTimeField(null=True, blank=True)
    is_free = models.BooleanField(default=False, help_text="Steps may be entered in any order.")
    is_rework = models.BooleanField(
        default=False, help_text="Lots leave their own route for this one and come back."
    )
    note = models.TextField(blank=True, help_text="What changed against the version before.")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["route", "-version"]
        permissions = [("release_routeversion", "Can release and retire route versions")]
        constraints = [
            models.UniqueConstraint(fields=["route", "version"], name="lots_route_version"),
            models.CheckConstraint(
                condition=models.Q(state=VersionState.DRAFT) | models.Q(released_at__isnull=False),
                name="lots_route_released_has_date",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by__isnull=True)
                | ~models.Q(released_by=models.F("prepared_by")),
                name="lots_route_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route} v{self.version}"


class Step(models.Model):
    """One operation of a route version, with its planned time and what it demands."""

    route_version = models.ForeignKey(RouteVersion, models.PROTECT, related_name="steps")
    sequence = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=24, choices=choices(StepKind))
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, help_text="Who does it."
    )
    days_min = models.FloatField(default=0)
    days_max = models.FloatField(default=0, help_text="Standard time; stale beyond twice this.")
    requires_results = models.BooleanField(
        default=False, help_text="Leaving it without test results is an escape."
    )
    gate_mode = models.CharField(
        max_length=8,
        choices=choices(GateMode),
        default=GateMode.FLAG,
        help_text="Whether a lot without required results is stopped here, or only flagged.",
    )
    track_depth = models.CharField(
        max_length=8, choices=choices(TrackDepth), default=TrackDepth.LOT
    )
    queue_hours_max = models.FloatField(
        null=True, blank=True, help_text="From arriving here to being tracked in; empty = no limit."
    )
    sampling_every = models.PositiveSmallIntegerField(
        default=1, help_text="Every how manyth lot is measured here; 1 = each."
    )
    is_outsourced = models.BooleanField(
        default=False, help_text="The supplier does it and reports it; nobody here tracks in."
    )

    class Meta:
        ordering = ["route_version", "sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["route_version", "sequence"], name="lots_step_sequence"
            ),
            models.UniqueConstraint(fields=["route_version", "code"], name="lots_step_code"),
            models.CheckConstraint(
                condition=models.Q(days_min__gte=0, days_max__gte=models.F("days_min")),
                name="lots_step_days",
            ),
            models.CheckConstraint(
                condition=models.Q(sampling_every__gte=1), name="lots_step_sampling"
            ),
            models.CheckConstraint(
                condition=models.Q(queue_hours_max__isnull=True) | models.Q(queue_hours_max__gt=0),
                name="lots_step_queue_time",
            ),
        ]

    def __str__(self) -> str:
        return self.code
