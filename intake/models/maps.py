"""Bin maps of wafers as partners drew them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Length, Now

from intake.models.files import RawFile
from lots.models import Wafer

NEWEST_FIRST = ("-occurred_at", Length("version").desc(), "-version", "-id")
"""Files arrive in any order; version 10 comes after 9."""


class WaferMap(models.Model):
    """One map of one wafer. The newest of a wafer counts, see NEWEST_FIRST.

    number: its row in the file. bins: [code, passes, description]. dies: [x, y, code], x and y as
    origin and axis say. known_die_count, known_good_count: what stood recorded here when it came;
    null while nothing did. differing_count: dies that one side passes and the other fails.
    """

    file = models.ForeignKey(RawFile, models.PROTECT, related_name="wafer_maps")
    number = models.PositiveIntegerField()
    wafer = models.ForeignKey(Wafer, models.PROTECT, related_name="maps")
    name = models.CharField(max_length=120, blank=True)
    version = models.CharField(max_length=40, blank=True)
    orientation = models.SmallIntegerField(default=0, help_text="Where the notch is, degrees.")
    origin = models.CharField(max_length=16)
    axis = models.CharField(max_length=16)
    bins = models.JSONField()
    dies = models.JSONField()
    die_count = models.PositiveIntegerField()
    good_count = models.PositiveIntegerField()
    known_die_count = models.PositiveIntegerField(null=True, blank=True)
    known_good_count = models.PositiveIntegerField(null=True, blank=True)
    differing_count = models.PositiveIntegerField(default=0)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="intake_wafermap_once"),
            models.CheckConstraint(
                condition=models.Q(good_count__lte=models.F("die_count")),
                name="intake_wafermap_counts",
            ),
        ]
        indexes = [
            models.Index(fields=["wafer", "-id"], name="intake_wafermap_newest"),
        ]

    def __str__(self) -> str:
        return f"map {self.name or self.number} of {self.wafer}"
