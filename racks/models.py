"""Where things went: places, placements as intervals, and commissioning."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from lots.models import Event, Product, Unit
from racks.domain.words import ReadingKind, SlotKind, Verdict
from supplychain.base.choices import choices


class Site(models.Model):
    """A data centre."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Hall(models.Model):
    """A room of a site that holds rack positions."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="halls")
    code = models.CharField(max_length=32)

    class Meta:
        ordering = ["site", "code"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="racks_hall_code")]

    def __str__(self) -> str:
        return f"{self.site}/{self.code}"


class RackPosition(models.Model):
    """A marked place on the floor of a hall. row, column: as painted there."""

    hall = models.ForeignKey(Hall, models.PROTECT, related_name="positions")
    code = models.CharField(max_length=32)
    row = models.CharField(max_length=8)
    column = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["hall", "row", "column"]
        constraints = [
            models.UniqueConstraint(fields=["hall", "code"], name="racks_position_code"),
            models.UniqueConstraint(fields=["hall", "row", "column"], name="racks_position_place"),
        ]

    def __str__(self) -> str:
        return f"{self.hall}/{self.code}"


class Rack(models.Model):
    """A frame with numbered slots, known by its serial."""

    serial = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.serial


class RackPlacement(models.Model):
    """The interval during which a rack stands in a position."""

    rack = models.ForeignKey(Rack, models.PROTECT, related_name="placements")
    position = models.ForeignKey(RackPosition, models.PROTECT, related_name="placements")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rack"], name="racks_rack_one_position", condition=Q(valid_to__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["position"],
                name="racks_position_one_rack",
                condition=Q(valid_to__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="racks_rackplacement_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rack} at {self.position}"


class Slot(models.Model):
    """A numbered place in a rack, counted from the bottom."""

    rack = models.ForeignKey(Rack, models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=choices(SlotKind), default=SlotKind.COMPUTE)

    class Meta:
        ordering = ["rack", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rack", "number"], name="racks_slot_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="racks_slot_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.rack} slot {self.number}"


class Placement(models.Model):
    """The interval during which a unit sits in a slot. source_reference: file or page."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="placements")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="placements")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    source_reference = models.CharField(max_length=200, blank=True)
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="placements"
    )
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], name="racks_unit_one_slot", condition=Q(valid_to__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["slot"], name="racks_slot_one_unit", condition=Q(valid_to__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="racks_placement_interval",
            ),
        ]
        permissions = [("place_unit", "Can place and remove units")]

    def __str__(self) -> str:
        return f"{self.unit} in {self.slot}"


class RackContent(models.Model):
    """How many units of a product are in a rack, stored so that nobody counts the fleet anew.

    Only what draws power. host: the nearest product around them that draws power too; theirs is
    part of its. site: where the rack stood when it was counted. While the rack is in RackOwed,
    what stands here is out of date.
    """

    rack = models.ForeignKey(Rack, models.CASCADE, related_name="contents")
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    host = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    unit_count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rack", "product", "host"],
                name="racks_rackcontent_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_count} {self.product} in {self.rack}"


class SiteContent(models.Model):
    """The stored contents of all racks at a site, added up."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="contents")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    host = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    unit_count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "product", "host"],
                name="racks_sitecontent_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_count} {self.product} at {self.site}"


class RackOwed(models.Model):
    """A rack whose content changed since it was stored. The database writes it, whoever changed.

    A row for each change and none is shared, so that writers never wait for one another.
    """

    rack = models.ForeignKey(Rack, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"content of {self.rack}"


class CoolantWindow(models.Model):
    """What one fluid must keep to, as `racks.domain.coolant.Window` says, versioned."""

    fluid = models.CharField(max_length=32)
    version = models.PositiveSmallIntegerField(default=1)
    supply_celsius_min = models.FloatField()
    supply_celsius_max = models.FloatField()
    dew_point_margin_celsius_min = models.FloatField()
    flow_per_kilowatt_min = models.FloatField()
    flow_per_kilowatt_max = models.FloatField()
    temperature_rise_celsius_min = models.FloatField()
    temperature_rise_celsius_max = models.FloatField()
    pressure_difference_bar_min = models.FloatField()
    pressure_difference_bar_max = models.FloatField()
    leak_pressure_decay_bar_max = models.FloatField()

    class Meta:
        ordering = ["fluid", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["fluid", "version"], name="racks_window_version"),
            models.CheckConstraint(
                condition=Q(
                    supply_celsius_max__gt=F("supply_celsius_min"),
                    flow_per_kilowatt_max__gt=F("flow_per_kilowatt_min"),
                    temperature_rise_celsius_max__gt=F("temperature_rise_celsius_min"),
                    pressure_difference_bar_max__gt=F("pressure_difference_bar_min"),
                ),
                name="racks_window_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fluid} v{self.version}"


class Commissioning(models.Model):
    """One round of checks on a rack before it is accepted."""

    rack = models.ForeignKey(Rack, models.PROTECT, related_name="commissionings")
    window = models.ForeignKey(CoolantWindow, models.PROTECT, related_name="commissionings")
    kilowatts = models.FloatField(help_text="Heat the flow was judged against.")
    verdict = models.CharField(max_length=8, choices=choices(Verdict))
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    op_key = models.CharField(max_length=200, unique=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.rack} {self.verdict}"


class CommissioningReading(models.Model):
    """One value with the limits it was judged by. value: null where the sensor gave none."""

    commissioning = models.ForeignKey(Commissioning, models.CASCADE, related_name="readings")
    kind = models.CharField(
        max_length=32, choices=[(kind.value, kind.value) for kind in ReadingKind]
    )
    value = models.FloatField(null=True)
    limit_low = models.FloatField(null=True)
    limit_high = models.FloatField(null=True)
    verdict = models.CharField(max_length=8, choices=choices(Verdict))
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["measured_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
