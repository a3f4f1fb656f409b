"""What the database promises of rows that one person prepares and another approves."""

from __future__ import annotations

from django.db import models


def signed(name: str) -> list[models.BaseConstraint]:
    """Nobody approves their own, and who approved stands with when. name: begins both names."""
    return [
        models.CheckConstraint(
            condition=models.Q(approved_by__isnull=True)
            | ~models.Q(approved_by=models.F("prepared_by")),
            name=f"{name}_four_eyes",
        ),
        models.CheckConstraint(
            condition=models.Q(approved_by__isnull=True, approved_at__isnull=True)
            | models.Q(approved_by__isnull=False, approved_at__isnull=False),
            name=f"{name}_approval_whole",
        ),
    ]


def signed_by_day(name: str) -> list[models.BaseConstraint]:
    """The same, and no two that are approved apply from one day."""
    return [
        *signed(name),
        models.UniqueConstraint(
            fields=["effective_on"],
            name=f"{name}_one_a_day",
            condition=models.Q(approved_at__isnull=False),
        ),
    ]
