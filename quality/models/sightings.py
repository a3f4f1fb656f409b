"""Where a cause is found at present: what an issue stands on, whatever lot it was opened on."""

from __future__ import annotations

from django.db import models

from lots.models import Lot, Step
from quality.models.rules import Rule


class Sighting(models.Model):
    """A place where a detector found a cause when it last looked there; gone once it does not.

    Its cause stands as long as any row of it does. lot, step: null where the finding names none.
    revision: the facts found there, as the finding names them.
    """

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="sightings")
    cause_key = models.CharField(max_length=200)
    lot = models.ForeignKey(Lot, models.CASCADE, null=True, related_name="sightings")
    step = models.ForeignKey(Step, models.CASCADE, null=True, related_name="+", db_index=False)
    revision = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause_key", "lot", "step"],
                name="quality_sighting_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause_key} on {self.lot}"
