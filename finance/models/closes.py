"""A closed period as it was reported: version 1 at its close, one more with each restatement."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from finance.models.periods import Period
from finance.models.prepared import signed


class PeriodClose(models.Model):
    """A version of a closed period. seq, sha256: the ledger's head that it tells.

    totals: control totals of its rows; null for a version from before these were kept. Version 1
    is what the period took. A later one adds the facts of its days that came too late for it; they
    stay booked where they are. Prepared by one person, in force once another has approved it.
    carried: of version 1, what every bucket held at its end, as rows of the bucket, its quantity
    and its amount, all text. reconciliation: the books against the events and what was there, as
    counted when it was made. Both null as with totals.
    """

    period = models.ForeignKey(
        Period, models.PROTECT, to_field="code", db_column="period", related_name="closes"
    )
    version = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    totals = models.JSONField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    carried = models.JSONField(null=True, editable=False)
    reconciliation = models.JSONField(null=True, editable=False)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "close of a period"
        verbose_name_plural = "closes of periods"
        ordering = ["period", "version"]
        constraints = [
            models.UniqueConstraint(fields=["period", "version"], name="finance_close_version"),
            models.UniqueConstraint(
                fields=["period"],
                name="finance_close_one_draft",
                condition=models.Q(approved_by__isnull=True),
            ),
            *signed("finance_close"),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(reason=""), name="finance_close_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} v{self.version}"
