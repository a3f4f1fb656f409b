"""Which accounts of the general ledger the subledger's accounts are posted to."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from finance.domain.words import Account, JournalAccount
from finance.models.costs import Stage
from finance.models.prepared import signed_by_day
from supplychain.base.choices import choices


class PostingProfile(models.Model):
    """A chart of accounts from a day on. Approved by another than its preparer; then frozen.

    A period's journal follows the profile in force on its last day. company, ledger,
    journal_source, journal_category: as the general ledger names them.
    """

    code = models.CharField(max_length=32, unique=True)
    effective_on = models.DateField(help_text="First plant day it applies to.")
    company = models.CharField(max_length=64, help_text="Company code, business unit, subsidiary.")
    ledger = models.CharField(max_length=64, blank=True, help_text="Ledger id or type, if any.")
    journal_source = models.CharField(max_length=64, blank=True)
    journal_category = models.CharField(
        max_length=64, blank=True, help_text="Journal category, or document type such as SA."
    )
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-effective_on", "-id"]
        permissions = [("approve_postingprofile", "Can approve posting profiles")]
        constraints = signed_by_day("finance_profile")

    def __str__(self) -> str:
        return self.code


class ProfileAccount(models.Model):
    """A general account for one of ours, at one stage or at every stage without its own."""

    profile = models.ForeignKey(PostingProfile, models.CASCADE, related_name="accounts")
    account = models.CharField(max_length=32, choices=[*choices(Account), *choices(JournalAccount)])
    stage = models.ForeignKey(
        Stage, models.PROTECT, to_field="code", db_column="stage", null=True, blank=True,
        related_name="+", help_text="Empty for every stage that has none of its own.",
    )  # fmt: skip
    number = models.CharField(
        max_length=64, help_text="As the general ledger has it; segments parted by hyphens."
    )
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["profile", "account", "stage"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "account", "stage"],
                name="finance_profileaccount_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(number="") & ~models.Q(name=""),
                name="finance_profileaccount_said",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.number}"
