"""Where a cause is found: what an issue stands on at present, and stood on when resolved."""

from __future__ import annotations

from django.db import models

from lots.models import Lot, Step
from quality.models.issues import Issue
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


class ExplainedLot(models.Model):
    """A lot at a step that an issue stood on when a person resolved it, or what it was merged into,
    with a cause: no ordinary one, as long as the issue stays so.

    Kept then, since a sighting goes once the lot is judged again without those beside it.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="explained_lots")
    lot = models.ForeignKey(Lot, models.CASCADE, related_name="+")
    step = models.ForeignKey(Step, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "lot", "step"], name="quality_explained_lot_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue.number} on {self.lot}"
