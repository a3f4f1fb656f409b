"""Whose books they are, and the months they are kept in."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from finance.domain.days import plant_day
from finance.domain.words import PeriodState
from supplychain.base.choices import choices


class Entity(models.Model):
    """The company the books belong to. One row. time_zone: where a plant day begins and ends."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, help_text="IANA name, such as Asia/Taipei.")

    class Meta:
        verbose_name_plural = "entities"

    def __str__(self) -> str:
        return self.code

    def today(self) -> date:
        """The day that it is at the plant."""
        return plant_day(timezone.now(), ZoneInfo(self.time_zone))


class Period(models.Model):
    """A month of the books: open, soft-closed, closed. closed_seq: the ledger as it was closed.

    Closing is prepared by one person and approved by another. reopened_count: how often what was
    prepared was taken back.
    """

    code = models.CharField(max_length=7, unique=True, help_text="Year and month: 2026-11.")
    starts_on = models.DateField(unique=True)
    ends_on = models.DateField(help_text="Belongs to the period.")
    state = models.CharField(max_length=16, choices=choices(PeriodState), default=PeriodState.OPEN)
    closed_seq = models.BigIntegerField(null=True, blank=True)
    closed_sha256 = models.CharField(max_length=64, blank=True)
    reopened_count = models.PositiveSmallIntegerField(default=0, editable=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-starts_on"]
        permissions = [("close_period", "Can close periods")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="finance_period_days"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="finance_period_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(state=PeriodState.OPEN) | models.Q(prepared_by__isnull=False),
                name="finance_period_prepared",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=PeriodState.CLOSED)
                | models.Q(approved_by__isnull=False, closed_seq__isnull=False),
                name="finance_period_closed_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PeriodReopening(models.Model):
    """A prepared close that was taken back, so that the period takes its own facts again.

    number: counts from 1 in its period. Never changed.
    """

    period = models.ForeignKey(
        Period, models.PROTECT, to_field="code", db_column="period", related_name="reopenings"
    )
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "reopening of a period"
        verbose_name_plural = "reopenings of periods"
        ordering = ["period", "number"]
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="finance_reopening_number"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="finance_reopening_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.period_id}, reopening {self.number}"
