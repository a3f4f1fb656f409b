"""What every document of finance is: prepared by one, approved by another, posted once, frozen."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from supplychain.base.keyed import KeyedModel


class Document(KeyedModel):
    """Something a person decides that the subledger posts, beside what the lots ledger tells.

    evidence: what shows it. transaction: of the subledger, once approved. The database keeps what
    was prepared and freezes what is approved (sql/documents_v1.sql); lines has the lots.
    """

    effective_on = models.DateField(help_text="Plant day it counts on.")
    evidence = models.TextField(max_length=4000)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    transaction = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta(KeyedModel.Meta):
        abstract = True
        ordering = ["-id"]
        constraints = [
            *KeyedModel.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="%(app_label)s_%(class)s_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    approved_by__isnull=True, approved_at__isnull=True, transaction__isnull=True
                )
                | models.Q(
                    approved_by__isnull=False, approved_at__isnull=False, transaction__isnull=False
                ),
                name="%(app_label)s_%(class)s_approval_whole",
            ),
        ]

    @property
    @abstractmethod
    def said(self) -> str:
        """The reason that its lines in the ledger give, at most 64 characters."""


AnyDocument = TypeVar("AnyDocument", bound=Document)
