"""How the step of a test file is told."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from intake.models import MatchRule
from intake.models.rules import PATTERNS
from supplychain.base.api import KeysetPagination, StrictQueryMixin


class MatchRuleSerializer(serializers.ModelSerializer[MatchRule]):
    class Meta:
        model = MatchRule
        fields = ["id", "name", "priority", "is_enabled", *PATTERNS, "step_code"]


class MatchRulePagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["priority", "id"]


@extend_schema(summary="Rules that tell the step of a test file, in the order they are asked")
class MatchRuleListView(StrictQueryMixin, ListAPIView[MatchRule]):
    queryset = MatchRule.objects.all()
    serializer_class = MatchRuleSerializer
    pagination_class = MatchRulePagination
