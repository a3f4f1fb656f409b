from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404

from lots.models import Unit
from supplychain.base.api import KeysetPagination, StrictQueryMixin
from supplychain.base.choices import choices
from testing.api.counting import RUN_LABEL, CountingFilter
from testing.domain.words import IdentityQuality
from testing.models import Run, RunWithdrawal, UnitResult
from testing.selectors import own_limits, results_of_unit, run_figures, runs

LIMITS_MAX = 1000
RELEASED_HELP = "Whether the program revision might decide about production when the run began."


class WithdrawalSerializer(serializers.ModelSerializer[RunWithdrawal]):
    """That a run was taken back; it counts nowhere."""

    at = serializers.DateTimeField(source="recorded_at")
    by = serializers.CharField(source="actor.username")

    class Meta:
        model = RunWithdrawal
        fields = ["at", "by", "reason"]


class RunSerializer(serializers.ModelSerializer[Run]):
    name = serializers.CharField(source="key", help_text=RUN_LABEL)
    sha256 = serializers.CharField(source="source_sha256", help_text="Of its file.")
    lot = serializers.CharField(source="lot_step.lot.code")
    step = serializers.CharField(source="lot_step.step.code")
    product = serializers.CharField(source="revision.program.product.code")
    program = serializers.CharField(source="revision.program.code")
    revision = serializers.CharField(source="revision.revision")
    is_released = serializers.BooleanField(help_text=RELEASED_HELP)
    tester = serializers.CharField(source="tester.code")
    probe_card = serializers.CharField(source="probe_card.code", default=None)
    load_board = serializers.CharField(source="load_board.code", default=None)
    superseded_by = serializers.CharField(
        source="superseded_by.key", default=None, allow_null=True,
        help_text="Name of the better copy of the session that counts instead; null: none.",
    )  # fmt: skip
    withdrawn = WithdrawalSerializer(source="withdrawal", default=None, allow_null=True)
    stands_as = serializers.CharField(
        source="standing_key", allow_null=True,
        help_text="Of a run taken back: name of the run of the same file that stands now.",
    )  # fmt: skip
    stood_as = serializers.ListField(
        child=serializers.CharField(), source="withdrawn_keys",
        help_text="Names of the runs of the same file that were taken back before this one.",
    )  # fmt: skip
    identity = serializers.ChoiceField(
        source="lot_step.identity", choices=choices(IdentityQuality),
        help_text="Of its lot step: `counted` where several sessions number their parts from 1 and "
        "nobody said whether they are the same units; `conflicting` where identities contradict "
        "each other.",
    )  # fmt: skip
    has_own_limits = serializers.BooleanField(
        help_text="Its file states limits that are not those of its program revision."
    )

    class Meta:
        model = Run
        fields = [
            "name", "sha256", "source_name", "lot", "step", "product", "program", "revision",
            "is_released", "tester", "probe_card", "load_board", "sublot", "temperature_celsius",
            "started_at", "finished_at", "is_partial", "superseded_by", "withdrawn", "stands_as",
            "stood_as", "identity", "has_own_limits", "insertion_count", "unit_count",
            "first_pass_count", "final_pass_count", "recorded_at",
        ]  # fmt: skip


class LimitSerializer(serializers.Serializer[Any]):
    """A test with limits in base units; null where there is none."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    occurrence = serializers.IntegerField()
    units = serializers.CharField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class OwnLimitSerializer(serializers.Serializer[Any]):
    """before: of the program revision; after: as the run's file states them."""

    change = serializers.CharField()
    before = LimitSerializer()
    after = LimitSerializer()


class RunDetailSerializer(RunSerializer):
    final_hard_bins = serializers.SerializerMethodField()
    own_limits = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "final_hard_bins", "own_limits"]

    @extend_schema_field(OwnLimitSerializer(many=True))
    def get_own_limits(self, run: Run) -> Any:
        return OwnLimitSerializer(own_limits(run)[:LIMITS_MAX], many=True).data

    def get_final_hard_bins(self, run: Run) -> dict[str, int]:
        return {str(number): units for number, units in run_figures(run).final_hard_bins.items()}


class UnitResultSerializer(serializers.ModelSerializer[UnitResult]):
    lot = serializers.CharField(source="lot_step.lot.code")
    step = serializers.CharField(source="lot_step.step.code")
    run = serializers.CharField(source="run.key")
    tester = serializers.CharField(source="run.tester.code")
    program = serializers.CharField(source="run.revision.program.code")
    revision = serializers.CharField(source="run.revision.revision")
    is_released = serializers.BooleanField(source="run.is_released", help_text=RELEASED_HELP)
    started_at = serializers.DateTimeField(source="run.started_at")

    class Meta:
        model = UnitResult
        fields = [
            "lot", "step", "run", "tester", "program", "revision", "is_released", "started_at",
            "part_id", "part_flag", "attempt", "is_first", "is_final", "outcome", "hard_bin",
            "soft_bin", "head", "site", "x", "y", "test_time_ms",
        ]  # fmt: skip


class RunFilter(CountingFilter):
    """What people look runs up by."""

    lot = filters.CharFilter("lot_step__lot__code", max_length=64, label="Lot code.")
    step = filters.CharFilter("lot_step__step__code", max_length=32, label="Step code.")
    tester = filters.CharFilter("tester__code", max_length=120, label="Tester, as in the file.")
    own_limits = filters.BooleanFilter(
        "has_own_limits",
        label="Only runs with limits that are not their program's, or only others.",
    )
    superseded = filters.BooleanFilter(
        "superseded_by", "isnull", exclude=True,
        label="Only runs that a better copy of their session replaced. Without it: only others.",
    )  # fmt: skip
    withdrawn = filters.BooleanFilter(
        "is_withdrawn", label="Only runs that were taken back. Without it: only others."
    )

    class Meta:
        model = Run
        fields: list[str] = []


class UnitResultPagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["run__started_at", "id"]


@extend_schema(summary="Runs that count, newest first")
class RunListView(StrictQueryMixin, ListAPIView[Run]):
    queryset = runs()
    serializer_class = RunSerializer
    filterset_class = RunFilter


@extend_schema(summary="One run with its final hard bins")
class RunDetailView(StrictQueryMixin, RetrieveAPIView[Run]):
    queryset = runs()
    serializer_class = RunDetailSerializer
    lookup_field = "key"
    lookup_url_kwarg = "name"


@extend_schema(summary="Every insertion of a unit, oldest first")
class UnitResultListView(StrictQueryMixin, ListAPIView[UnitResult]):
    queryset = UnitResult.objects.none()
    serializer_class = UnitResultSerializer
    pagination_class = UnitResultPagination

    def get_queryset(self) -> QuerySet[UnitResult, Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return results_of_unit(get_object_or_404(Unit, serial=self.kwargs["serial"]))
