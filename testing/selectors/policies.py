"""Retest rules, which of them counts, and lot steps that stand under another policy."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, QuerySet

from testing.models import RetestRule


def listed_retest_rules() -> QuerySet[RetestRule]:
    """Every rule with what a list shows of it, product by product, the newest first."""
    return RetestRule.objects.select_related("product", "prepared_by", "approved_by").order_by(
        "product__code", "step_code", "-valid_from"
    )


def rules_valid(product: int | OuterRef, step_code: str, at: datetime) -> QuerySet[RetestRule]:
    """Approved rules of the product and step that have begun by then; the first one counts."""
    return RetestRule.objects.filter(
        product=product, step_code=step_code, approved_at__isnull=False, valid_from__lte=at
    ).order_by("-valid_from")


def rule_in_force(product_id: int, step_code: str, at: datetime) -> RetestRule | None:
    """The one that counts; None where the default does."""
    return rules_valid(product_id, step_code, at).first()
