"""Files that partners have agreed to send, and when."""

from __future__ import annotations

from datetime import time

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from intake.domain.schedules import weekday_numbers
from intake.models.mappings import validate_zone
from lots.models import Supplier


def validate_weekdays(text: str) -> None:
    """ValidationError unless days such as `mon, thu`."""
    try:
        weekday_numbers(text)
    except ValueError as error:
        raise ValidationError(f"{error} is no day. Write them like: mon, thu.") from error


class ExpectedFile(models.Model):
    """A file that must come every so many hours, or on weekdays at an hour.

    A file counts when its name fits name_pattern and its kind is kind, where they are given, unless
    it was rejected, or its mapping or its rows say that it is another supplier's.
    grace_hours: how long after it is due it still counts as in time.
    """

    name = models.CharField(max_length=120, unique=True)
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="expected_files")
    kind = models.CharField(
        max_length=32, blank=True, help_text="Such as wip, asn, stdf; empty = any."
    )
    name_pattern = models.CharField(
        max_length=200, blank=True, help_text="Such as osat1_*.wip.csv; empty = any name."
    )
    every_hours = models.PositiveSmallIntegerField(
        default=0, help_text="At least every so many hours; 0 = on the weekdays below."
    )
    weekdays = models.CharField(
        max_length=40, blank=True, validators=[validate_weekdays], help_text="Such as mon, thu."
    )
    due_time = models.TimeField(default=time(8), help_text="By the clock of the time zone.")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    grace_hours = models.PositiveSmallIntegerField(default=2)
    is_enabled = models.BooleanField(default=True)
    starts_at = models.DateTimeField(db_default=Now(), help_text="Nothing is expected before.")

    class Meta:
        ordering = ["supplier", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="", name_pattern=""),
                name="intake_expectedfile_says_which",
                violation_error_message="Give a kind, a name pattern, or both.",
            ),
            models.CheckConstraint(
                condition=models.Q(every_hours=0) & ~models.Q(weekdays="")
                | models.Q(every_hours__gt=0, weekdays=""),
                name="intake_expectedfile_says_when",
                violation_error_message="Give either hours, or weekdays.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
