"""Which retest policy lot steps of a product get, from when, and who answers for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from lots.models import Product
from supplychain.base.choices import choices
from testing.domain.words import RetestPolicy


class RetestRule(models.Model):
    """The policy that lot steps first made from valid_from on get; the newest approved one counts.

    step_code: holds for every version of the route. A change is a new row.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="retest_rules")
    step_code = models.CharField(max_length=32)
    policy = models.CharField(max_length=16, choices=choices(RetestPolicy))
    valid_from = models.DateTimeField()
    reason = models.TextField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["product", "step_code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "step_code", "valid_from"], name="testing_retestrule_once"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="testing_retestrule_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True, approved_at__isnull=True)
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="testing_retestrule_approved_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="testing_retestrule_says_why"
            ),
        ]
        permissions = [("approve_retestrule", "Can approve retest rules")]

    def __str__(self) -> str:
        return f"{self.product} at {self.step_code}: {self.policy}"
