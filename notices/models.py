"""What is told, to whom, and what became of it."""

from __future__ import annotations

import uuid
import zoneinfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.models import Product, Supplier
from notices.domain.timing import Hours
from notices.domain.words import DeliveryState, NoticeKind, Severity
from supplychain.base.choices import choices


class Endpoint(models.Model):
    """A receiver of webhooks. secret: both sides sign with it; disabled_at: it said it is gone,
    or an administrator switched it off."""

    name = models.CharField(max_length=64, unique=True)
    url = models.CharField("address", max_length=500, help_text="https://host/path")
    secret = models.CharField(max_length=120, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """What somebody, or a receiver of webhooks, wants to hear.

    kinds: NoticeKind values; empty for all. products, suppliers: none for all. Times are in zone.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="subscriptions",
    )
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="subscriptions"
    )
    kinds = models.JSONField(default=list, blank=True)
    severity_min = models.CharField(
        max_length=16, choices=choices(Severity), default=Severity.MAJOR
    )
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    suppliers = models.ManyToManyField(Supplier, blank=True, related_name="+")
    digest_at = models.TimeField(null=True, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    zone = models.CharField(max_length=64, default="UTC")
    wakes_for_critical = models.BooleanField(default=True)
    is_paused = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, endpoint__isnull=True)
                | models.Q(person__isnull=True, endpoint__isnull=False),
                name="notices_subscription_of_one",
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="notices_subscription_quiet_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.endpoint}: {self.severity_min} and worse"

    @property
    def hours(self) -> Hours:
        return Hours(
            zone=zoneinfo.ZoneInfo(self.zone),
            quiet_from=self.quiet_from,
            quiet_to=self.quiet_to,
            digest_at=self.digest_at,
            wakes_for_critical=self.wakes_for_critical,
        )


class Notice(models.Model):
    """One thing to tell. key: it is told once whoever says it how often. cause: what it is about;
    a cause is not told again for a day. recipient: for this person alone."""

    kind = models.CharField(max_length=32, choices=choices(NoticeKind))
    key = models.CharField(max_length=240, unique=True)
    cause = models.CharField(max_length=240)
    severity = models.CharField(max_length=16, choices=choices(Severity))
    subject = models.CharField(max_length=240)
    address = models.CharField(max_length=240, help_text="Path of the page behind it.")
    right = models.CharField(max_length=100, help_text="Persons without it are not told.")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    supplier = models.ForeignKey(Supplier, models.PROTECT, null=True, blank=True, related_name="+")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    facts = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    spread_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was made out to its subscribers."
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], name="notices_unspread", condition=models.Q(spread_at__isnull=True)
            ),
            models.Index(fields=["cause", "-id"], name="notices_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"


class Delivery(models.Model):
    """One notice for one subscription. id: the message's own; the same at every attempt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    state = models.CharField(
        max_length=16, choices=choices(DeliveryState), default=DeliveryState.WAITING
    )
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-recorded_at", "id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["notice", "subscription"], name="notices_told_once"),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~models.Q(state=DeliveryState.SENT) & models.Q(sent_at__isnull=True)),
                name="notices_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="notices_due",
                condition=models.Q(state=DeliveryState.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} for {self.subscription}"
