"""How the step of a test file is told when the file itself does not say."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import models

PATTERNS = (
    "file_pattern",
    "tester_pattern",
    "program_pattern",
    "flow_pattern",
    "part_type_pattern",
    "folder_pattern",
    "mode_pattern",
    "retest_pattern",
    "sublot_pattern",
    "temperature_pattern",
)


def validate_pattern(pattern: str) -> None:
    """ValidationError unless a regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValidationError(f"This is no regular expression: {error}.") from error


class MatchRule(models.Model):
    """If every pattern is found in its field, the file belongs to the step with this code.

    Rules are asked in order of priority, then of entry; the first that fits and whose step is on
    the lot's route decides. An empty pattern fits everything.
    """

    name = models.CharField(max_length=120, unique=True)
    priority = models.PositiveSmallIntegerField(default=100, help_text="Lowest is asked first.")
    is_enabled = models.BooleanField(default=True)
    file_pattern = models.CharField(max_length=200, blank=True, validators=[validate_pattern])
    tester_pattern = models.CharField(max_length=200, blank=True, validators=[validate_pattern])
    program_pattern = models.CharField(max_length=200, blank=True, validators=[validate_pattern])
    flow_pattern = models.CharField(
        max_length=200, blank=True, validators=[validate_pattern], help_text="FLOW_ID or TEST_COD."
    )
    part_type_pattern = models.CharField(max_length=200, blank=True, validators=[validate_pattern])
    folder_pattern = models.CharField(
        max_length=200, blank=True, validators=[validate_pattern], help_text="In the drop folder."
    )
    mode_pattern = models.CharField(
        max_length=200, blank=True, validators=[validate_pattern], help_text="MODE_COD."
    )
    retest_pattern = models.CharField(
        max_length=200, blank=True, validators=[validate_pattern], help_text="RTST_COD."
    )
    sublot_pattern = models.CharField(
        max_length=200, blank=True, validators=[validate_pattern], help_text="SBLOT_ID."
    )
    temperature_pattern = models.CharField(
        max_length=200, blank=True, validators=[validate_pattern], help_text="TST_TEMP, as ^-40."
    )
    step_code = models.CharField(max_length=32)

    class Meta:
        ordering = ["priority", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(**dict.fromkeys(PATTERNS, "")),
                name="intake_matchrule_says_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name
