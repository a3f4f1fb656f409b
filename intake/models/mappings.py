"""How each partner writes its files, where not as documented."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from intake.domain.words import Delimiter, Encoding
from lots.models import Supplier
from supplychain.base.choices import choices


def validate_zone(name: str) -> None:
    """ValidationError unless a time zone such as Asia/Taipei."""
    if name not in available_timezones():
        raise ValidationError(f"There is no time zone {name}. Write it like Asia/Taipei.")


class FeedMapping(models.Model):
    """Files of this name are of this kind, and written as the rows below say.

    Mappings are asked in order of priority, then of entry; the first whose pattern fits decides.
    date_format: as strptime takes it; empty = ISO 8601. time_zone: of times without an offset.
    sample: some lines of a real file, header first, to see how they are read.
    """

    name = models.CharField(max_length=120, unique=True)
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="feed_mappings")
    kind = models.CharField(max_length=32, help_text="What is in it: wip, asn, x12-856 …")
    file_pattern = models.CharField(
        max_length=200, help_text="File names, such as osat7_*.csv; * stands for any letters."
    )
    priority = models.PositiveSmallIntegerField(default=100, help_text="Lowest is asked first.")
    is_enabled = models.BooleanField(default=True)
    delimiter = models.CharField(max_length=16, choices=choices(Delimiter), default=Delimiter.COMMA)
    encoding = models.CharField(
        max_length=16,
        choices=[(word.value, word.value.upper()) for word in Encoding],
        default=Encoding.UTF8,
    )
    date_format = models.CharField(
        max_length=40,
        blank=True,
        help_text="Such as %d/%m/%Y %H:%M for 31/03/2026 14:05; empty for 2026-03-31T14:05.",
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_zone],
        help_text="Of times written without an offset, such as Asia/Taipei.",
    )
    sample = models.TextField(
        blank=True,
        max_length=20_000,
        help_text="Some lines of a real file, the header first. Save to see how they are read.",
    )

    class Meta:
        ordering = ["priority", "id"]

    def __str__(self) -> str:
        return self.name


class MappedColumn(models.Model):
    """Where one of our columns comes from: a column of the partner's, or always the same."""

    mapping = models.ForeignKey(FeedMapping, models.CASCADE, related_name="columns")
    ours = models.CharField(max_length=40, verbose_name="our column")
    theirs = models.CharField(max_length=120, blank=True, verbose_name="their column")
    constant = models.CharField(
        max_length=120, blank=True, verbose_name="or always", help_text="In place of a column."
    )

    class Meta:
        verbose_name = "column"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["mapping", "ours"], name="intake_mappedcolumn_once"),
            models.CheckConstraint(
                condition=models.Q(theirs="") | models.Q(constant=""),
                name="intake_mappedcolumn_one_source",
                violation_error_message="Give their column, or what it always is; not both.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ours} from {self.theirs}" if self.theirs else f"{self.ours}: {self.constant}"


class MappedValue(models.Model):
    """One of the partner's words in ours: a verb, a unit, a step, a product."""

    mapping = models.ForeignKey(FeedMapping, models.CASCADE, related_name="values")
    column = models.CharField(max_length=40, verbose_name="our column")
    theirs = models.CharField(max_length=120, verbose_name="they write")
    ours = models.CharField(
        max_length=120, blank=True, verbose_name="we read", help_text="Verb ignore passes over."
    )

    class Meta:
        verbose_name = "value"
        ordering = ["column", "id"]
        constraints = [
            models.UniqueConstraint(
                "mapping",
                "column",
                Lower("theirs"),
                name="intake_mappedvalue_once",
                violation_error_message="This value of the column is mapped already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.column}: {self.theirs} is {self.ours or 'nothing'}"
