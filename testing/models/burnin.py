"""Heat and voltage screen: what was required, what ran, and what each unit can be charged with."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from lots.models import Product, Unit
from supplychain.base.choices import choices
from testing.domain.words import Outcome, OvenQuantity
from testing.models.programs import Equipment
from testing.models.results import LotStep

HOURS_MAX = 100_000
FAILED_RATIO_MAX = 0.05
SHARE = (MinValueValidator(0.0), MaxValueValidator(1.0))


def validate_hours(value: object) -> None:
    """A list of hours above 0. ValidationError otherwise."""
    if not isinstance(value, list) or not all(_is_duration(one) for one in value):
        raise ValidationError("Write hours above 0 as a list, like [24, 48].")


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < HOURS_MAX


class BurnInRequirement(models.Model):
    """Hours and window that a product must see; the highest version counts for new runs.

    step_code: only for that step, before one for any step; holds for every version of the route.
    gap_minutes_max: a longer gap in the log is not proven. read_point_hours: proven hours after
    which units are tested in between, in order. failed_ratio_max: percent defective allowable
    (PDA), of the units submitted; one unit is always allowed.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="burn_in_requirements")
    version = models.PositiveSmallIntegerField()
    step_code = models.CharField(max_length=32, blank=True, help_text="Empty: any burn-in step.")
    hours = models.FloatField()
    temperature_celsius_min = models.FloatField()
    temperature_celsius_max = models.FloatField()
    voltage_min = models.FloatField()
    voltage_max = models.FloatField()
    gap_minutes_max = models.FloatField(default=10)
    read_point_hours = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_hours],
        help_text="As [24, 48]: proven hours of each read point.",
    )
    failed_ratio_max = models.FloatField(
        default=FAILED_RATIO_MAX,
        validators=SHARE,
        help_text="Of the units submitted, 0 to 1, that burn-in may cost a lot (PDA).",
    )

    class Meta:
        verbose_name = "burn-in requirement"
        ordering = ["product", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "version"], name="testing_burnin_requirement_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    hours__gt=0,
                    temperature_celsius_max__gt=models.F("temperature_celsius_min"),
                    voltage_max__gt=models.F("voltage_min"),
                ),
                name="testing_burnin_requirement_window",
            ),
            models.CheckConstraint(
                condition=models.Q(failed_ratio_max__gte=0, failed_ratio_max__lte=1),
                name="testing_burnin_requirement_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} v{self.version}: {self.hours} h"


class BurnInRun(models.Model):
    """One load of an oven with units of one lot.

    chargeable_hours: of the oven, every condition in its window.
    """

    lot_step = models.ForeignKey(LotStep, models.PROTECT, related_name="burn_in_runs")
    requirement = models.ForeignKey(BurnInRequirement, models.PROTECT, related_name="runs")
    oven = models.ForeignKey(Equipment, models.PROTECT, related_name="burn_in_runs")
    source_sha256 = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    chargeable_hours = models.FloatField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "burn-in run"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.lot_step} in {self.oven}"


class BurnInUnit(models.Model):
    """A unit in a socket of a board for a while, what it can be charged with, and how it ended."""

    run = models.ForeignKey(BurnInRun, models.CASCADE, related_name="units")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="burn_ins")
    board = models.ForeignKey(Equipment, models.PROTECT, related_name="+")
    socket = models.CharField(max_length=16)
    inserted_at = models.DateTimeField()
    removed_at = models.DateTimeField()
    chargeable_hours = models.FloatField()
    outcome = models.CharField(max_length=8, choices=choices(Outcome))

    class Meta:
        verbose_name = "burn-in unit"
        constraints = [
            models.UniqueConstraint(fields=["run", "unit"], name="testing_burnin_unit_once"),
            models.UniqueConstraint(
                fields=["run", "board", "socket"], name="testing_burnin_socket_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} in {self.board}/{self.socket}"


class BurnInReading(models.Model):
    """One line of the oven's log that came with the load."""

    run = models.ForeignKey(BurnInRun, models.CASCADE, related_name="readings")
    measured_at = models.DateTimeField()
    temperature_celsius = models.FloatField(null=True, help_text="Null where the sensor gave none.")
    voltage = models.FloatField(null=True)

    class Meta:
        verbose_name = "burn-in reading"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "measured_at"], name="testing_burnin_reading_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measured_at}: {self.temperature_celsius} C"


class OvenReading(models.Model):
    """One sample of an oven that came in a log of its own; counts for every load of that time.

    value: null where the sensor gave none. source_sha256: of the file that said it first.
    """

    oven = models.ForeignKey(Equipment, models.PROTECT, related_name="oven_readings")
    quantity = models.CharField(max_length=16, choices=choices(OvenQuantity))
    measured_at = models.DateTimeField()
    value = models.FloatField(null=True)
    source_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "oven reading"
        constraints = [
            models.UniqueConstraint(
                fields=["oven", "quantity", "measured_at", "value"],
                name="testing_oven_reading_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.oven} {self.quantity} {self.measured_at}: {self.value}"


class BurnInRecount(models.Model):
    """Chargeable hours of a load that a later log changed; never changed or deleted."""

    run = models.ForeignKey(BurnInRun, models.PROTECT, related_name="recounts")
    hours_before = models.FloatField()
    hours = models.FloatField()
    unit_count = models.PositiveIntegerField(help_text="Units whose hours changed with it.")
    source_sha256 = models.CharField(max_length=64)
    source_name = models.CharField(max_length=255)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "burn-in recount"
        ordering = ["run", "id"]

    def __str__(self) -> str:
        return f"{self.run}: {self.hours_before} h to {self.hours} h"
