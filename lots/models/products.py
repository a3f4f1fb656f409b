"""Who makes things, what is made, and what it is made of."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from lots.domain.words import Title, UnitKind, VersionState
from supplychain.base.choices import choices


class Supplier(models.Model):
    """A company that makes, tests, holds or ships our material."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(
        max_length=60, help_text="Foundry, assembly house, system builder, carrier."
    )
    country = models.CharField(max_length=2, blank=True)
    title = models.CharField(
        "title passes",
        max_length=16,
        choices=choices(Title),
        default=Title.ON_ARRIVAL,
        help_text="When what it sells becomes ours: on arrival (DAP, DDP) or on shipment (EXW, "
        "FCA). Counts for shipments from now on; one shipment may be agreed otherwise.",
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Product(models.Model):
    """One kind of thing with its own part number: family, model and stepping."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    family = models.CharField(max_length=32, db_index=True, help_text="Trn2, Trn3, NeuronSwitch.")
    stepping = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=16, choices=choices(UnitKind))
    supplier = models.ForeignKey(Supplier, models.PROTECT, null=True, blank=True)
    die_width_mm = models.FloatField(null=True, blank=True)
    die_height_mm = models.FloatField(null=True, blank=True)
    power_watt = models.FloatField(null=True, blank=True, help_text="Typical draw of one unit.")
    is_engineering = models.BooleanField(
        default=False, help_text="Made from a test file, not from reference data."
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Bill(models.Model):
    """A version of what one unit of a product is built from; frozen once released."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="bills")
    version = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=16, choices=choices(VersionState), default=VersionState.DRAFT
    )
    released_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="What changed against the version before.")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "bill of materials"
        verbose_name_plural = "bills of materials"
        ordering = ["product", "-version"]
        permissions = [("release_bill", "Can release and retire bills of materials")]
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="lots_bill_version"),
            models.CheckConstraint(
                condition=models.Q(state=VersionState.DRAFT) | models.Q(released_at__isnull=False),
                name="lots_bill_released_has_date",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by__isnull=True)
                | ~models.Q(released_by=models.F("prepared_by")),
                name="lots_bill_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} v{self.version}"


class BillLine(models.Model):
    """How many of one component go into the parent product."""

    bill = models.ForeignKey(Bill, models.CASCADE, related_name="lines")
    component = models.ForeignKey(Product, models.PROTECT, related_name="used_in")
    quantity = models.PositiveSmallIntegerField()
    is_serialised = models.BooleanField(default=True, help_text="Each one is a unit with an edge.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["bill", "component"], name="lots_bill_component"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="lots_bill_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.component}"
