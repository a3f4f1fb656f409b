"""Which retest policy lot steps get."""

from __future__ import annotations

from typing import ClassVar

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from supplychain.base.api import KeysetPagination, StrictQueryMixin
from testing.models import RetestRule
from testing.selectors import listed_retest_rules


class RetestRuleSerializer(serializers.ModelSerializer[RetestRule]):
    product = serializers.CharField(source="product.code")
    prepared_by = serializers.CharField(source="prepared_by.username")
    approved_by = serializers.CharField(
        source="approved_by.username", default=None, allow_null=True
    )

    class Meta:
        model = RetestRule
        fields = [
            "id", "product", "step_code", "policy", "valid_from", "reason", "prepared_by",
            "prepared_at", "approved_by", "approved_at",
        ]  # fmt: skip


class RetestRuleFilter(filters.FilterSet):
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    step = filters.CharFilter("step_code", max_length=32, label="Step code.")

    class Meta:
        model = RetestRule
        fields: list[str] = []


class RetestRulePagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["-valid_from", "-id"]


@extend_schema(summary="Retest rules, the newest first; of the approved ones the newest counts")
class RetestRuleListView(StrictQueryMixin, ListAPIView[RetestRule]):
    queryset = listed_retest_rules()
    serializer_class = RetestRuleSerializer
    filterset_class = RetestRuleFilter
    pagination_class = RetestRulePagination
