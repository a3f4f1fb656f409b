"""How long a lot may take between steps of its route, and the clocks that run for it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from lots.models.ledger import Event
from lots.models.lots import Lot
from lots.models.routes import RouteVersion, Step


class QueueLimit(models.Model):
    """The longest time from the end of one step to the start of a later one of the same version.

    Frozen with the version. The gate of the step it leads to says what happens beyond it.
    """

    route_version = models.ForeignKey(
        RouteVersion, models.PROTECT, related_name="queue_limits", db_index=False
    )
    from_step = models.ForeignKey(
        Step, models.PROTECT, related_name="queue_limits_from", help_text="Counted from its end."
    )
    to_step = models.ForeignKey(
        Step,
        models.PROTECT,
        related_name="queue_limits_to",
        help_text="Its work must begin in time.",
    )
    hours_max = models.FloatField()

    class Meta:
        ordering = ["route_version", "from_step__sequence", "to_step__sequence"]
        verbose_name = "queue-time limit between steps"
        verbose_name_plural = "queue-time limits between steps"
        constraints = [
            models.UniqueConstraint(
                fields=["route_version", "from_step", "to_step"], name="lots_queuelimit_once"
            ),
            models.CheckConstraint(
                condition=models.Q(hours_max__gt=0), name="lots_queuelimit_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_step} to {self.to_step} within {self.hours_max:g} h"

    def clean(self) -> None:
        """Both steps on the version, the first before the second; the database asks it too."""
        steps = [
            getattr(self, name) for name in ("from_step", "to_step") if getattr(self, f"{name}_id")
        ]
        if any(step.route_version_id != self.route_version_id for step in steps):
            raise ValidationError("Both steps must be on this version of the route.")
        if len(steps) == 2 and steps[0].sequence >= steps[1].sequence:
            raise ValidationError("The step counted from must come before the one that begins.")


class QueueClock(models.Model):
    """Runs for a lot since it left the first step of a limit.

    carried_by: what brought it here from the lot that left, empty for that lot itself. ended_by:
    the start of work, or the first step left once more. A corrected event counts as none.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="queue_clocks")
    limit = models.ForeignKey(QueueLimit, models.PROTECT, related_name="clocks")
    since = models.DateTimeField()
    started_by = models.ForeignKey(Event, models.PROTECT, related_name="+")
    carried_by = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="+")
    ended_by = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.lot} from {self.limit}"
