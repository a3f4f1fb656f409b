"""Yields by product, step and week, lots behind them, and figures that were stated anew."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from quality.domain.words import YieldCause, YieldSlice
from quality.models import COUNTS, SUMS, YieldBook, YieldRestatement, YieldTotal
from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices


class YieldTotalSerializer(serializers.ModelSerializer[YieldTotal]):
    """Counts over the lots of a week; the squares and products over lots give intervals."""

    product = serializers.CharField(source="week.product.code")
    step = serializers.CharField(source="week.step_code")
    week = serializers.DateField(source="week.week", help_text="Its Monday.")

    class Meta:
        model = YieldTotal
        fields = ["id", "product", "step", "week", "slice", "slice_key", *SUMS]


class LotYieldSerializer(serializers.ModelSerializer[YieldBook]):
    """One lot at one step, and what its yield rests on."""

    lot = serializers.CharField(source="lot_step.lot.code")
    product = serializers.CharField(source="product.code")
    step = serializers.CharField(source="step_code")

    class Meta:
        model = YieldBook
        fields = [
            "id", "lot", "product", "step", "week", "is_counted", "revision", "policy", *COUNTS,
            "insertion_count", "left_out_count", "expected", "covered", "expected_noun",
            "computed_at",
        ]  # fmt: skip


class StatedSerializer(serializers.Serializer[Any]):
    """A figure as it was stated."""

    tested = serializers.IntegerField()
    first_passed = serializers.IntegerField()
    final_passed = serializers.IntegerField()
    retested = serializers.IntegerField()
    recovered = serializers.IntegerField()
    first_prime = serializers.IntegerField()
    final_prime = serializers.IntegerField()
    recovered_prime = serializers.IntegerField()
    revision = serializers.IntegerField(required=False)
    policy = serializers.CharField(required=False)


class YieldRestatementSerializer(serializers.ModelSerializer[YieldRestatement]):
    lot = serializers.CharField(source="lot_step.lot.code")
    product = serializers.CharField(source="product.code")
    step = serializers.CharField(source="step_code")
    before = StatedSerializer()
    after = StatedSerializer()

    class Meta:
        model = YieldRestatement
        fields = [
            "id", "lot", "product", "step", "week", "cause", "reason", "before", "after",
            "recorded_at",
        ]  # fmt: skip


class YieldTotalFilter(filters.FilterSet):
    product = filters.CharFilter("week__product__code", max_length=64, label="Product code.")
    step = filters.CharFilter("week__step_code", max_length=32, label="Step code.")
    week = filters.DateFilter("week__week", label="Monday of the week.")
    since = filters.DateFilter("week__week", "gte", label="First week.")
    slice = filters.ChoiceFilter(choices=choices(YieldSlice), label="What units are told apart by.")

    class Meta:
        model = YieldTotal
        fields: list[str] = []


class LotYieldFilter(filters.FilterSet):
    lot = filters.CharFilter("lot_step__lot__code", max_length=64, label="Lot code.")
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    step = filters.CharFilter("step_code", max_length=32, label="Step code.")
    week = filters.DateFilter("week", label="Monday of the week.")

    class Meta:
        model = YieldBook
        fields: list[str] = []


class YieldRestatementFilter(filters.FilterSet):
    lot = filters.CharFilter("lot_step__lot__code", max_length=64, label="Lot code.")
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    step = filters.CharFilter("step_code", max_length=32, label="Step code.")
    cause = filters.ChoiceFilter(choices=choices(YieldCause), label="Why.")

    class Meta:
        model = YieldRestatement
        fields: list[str] = []


@extend_schema(summary="Counts of yields by product, step, week and slice, newest first")
class YieldTotalListView(StrictQueryMixin, ListAPIView[YieldTotal]):
    queryset = YieldTotal.objects.select_related("week__product")
    serializer_class = YieldTotalSerializer
    filterset_class = YieldTotalFilter


@extend_schema(summary="Yields of lots at steps with what they rest on, newest first")
class LotYieldListView(StrictQueryMixin, ListAPIView[YieldBook]):
    queryset = YieldBook.objects.select_related("lot_step__lot", "product")
    serializer_class = LotYieldSerializer
    filterset_class = LotYieldFilter


@extend_schema(summary="Yields that were stated anew, newest first")
class YieldRestatementListView(StrictQueryMixin, ListAPIView[YieldRestatement]):
    queryset = YieldRestatement.objects.select_related("lot_step__lot", "product")
    serializer_class = YieldRestatementSerializer
    filterset_class = YieldRestatementFilter
