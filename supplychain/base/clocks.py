"""The two clocks that every fact carries."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class TwoClocks(models.Model):
    """Abstract: when something happened at its place, and when we wrote it down."""

    occurred_at = models.DateTimeField(help_text="When it happened, by the clock of the place.")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
