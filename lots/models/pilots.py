"""Lots that wait for what a part sent ahead shows."""

from __future__ import annotations

from django.db import models

from lots.models.holds import Hold
from lots.models.lots import Lot
from lots.models.routes import Step


class PilotRun(models.Model):
    """A pilot that is ahead, and the hold on the rest of its lot until it has passed a step."""

    pilot = models.OneToOneField(Lot, models.PROTECT, related_name="pilot_run")
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="pilot_run")
    until_step = models.ForeignKey(Step, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pilot} until {self.until_step}"
