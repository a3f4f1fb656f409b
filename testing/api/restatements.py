"""How figures of lot steps changed, and identities that contradict each other."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices
from testing.api.counting import RUN_CHARACTERS_MAX, RUN_LABEL
from testing.domain.words import ConflictKind, ConflictVerdict, RestatementCause, RetestPolicy
from testing.models import IdentityConflict, Restatement
from testing.selectors import (
    COUNT_FIELDS,
    listed_conflicts,
    listed_restatements,
    sessions_in,
    wafer_codes,
)


class StoodBeforeSerializer(serializers.Serializer[Any]):
    """The figures that the change replaced."""

    policy = serializers.ChoiceField(choices=choices(RetestPolicy))
    insertion_count = serializers.IntegerField()
    unit_count = serializers.IntegerField()
    first_pass_count = serializers.IntegerField()
    final_pass_count = serializers.IntegerField()
    retested_count = serializers.IntegerField()
    recovered_count = serializers.IntegerField()


class RestatementSerializer(serializers.ModelSerializer[Restatement]):
    lot = serializers.CharField(source="lot_step.lot.code")
    step = serializers.CharField(source="lot_step.step.code")
    run = serializers.CharField(
        source="run.key", default=None, allow_null=True, help_text=RUN_LABEL
    )
    file = serializers.CharField(source="run.source_name", default=None, allow_null=True)
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    before = StoodBeforeSerializer(allow_null=True)

    class Meta:
        model = Restatement
        fields = [
            "id", "lot", "step", "revision", "cause", "run", "file", "actor", "reason", "policy",
            *COUNT_FIELDS, "before", "recorded_at",
        ]  # fmt: skip


class DiePlaceSerializer(serializers.Serializer[Any]):
    """wafer: null for a part off any wafer."""

    wafer = serializers.CharField(allow_null=True)
    x = serializers.IntegerField()
    y = serializers.IntegerField()


class IdentityConflictSerializer(serializers.ModelSerializer[IdentityConflict]):
    """Needs `wafer_codes` and `sessions` in its context."""

    lot = serializers.CharField(source="lot_step.lot.code")
    step = serializers.CharField(source="lot_step.step.code")
    part_ids = serializers.ListField(child=serializers.CharField())
    places = serializers.SerializerMethodField()
    runs = serializers.SerializerMethodField(help_text="Sessions that each count their parts.")
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)

    class Meta:
        model = IdentityConflict
        fields = [
            "id", "lot", "step", "kind", "part_ids", "places", "runs", "verdict", "reason",
            "decided_by", "decided_at", "recorded_at",
        ]  # fmt: skip

    @extend_schema_field(DiePlaceSerializer(many=True))
    def get_places(self, conflict: IdentityConflict) -> list[dict[str, Any]]:
        codes = self.context.get("wafer_codes", {})
        return [{"wafer": codes.get(wafer), "x": x, "y": y} for wafer, x, y in conflict.places]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_runs(self, conflict: IdentityConflict) -> list[str]:
        runs = self.context.get("sessions", {})
        return [runs[run_id].key for run_id in conflict.run_ids if run_id in runs]


class LotStepFilter(filters.FilterSet):
    """Both are looked up by lot and step."""

    lot = filters.CharFilter("lot_step__lot__code", max_length=64, label="Lot code.")
    step = filters.CharFilter("lot_step__step__code", max_length=32, label="Step code.")


class RestatementFilter(LotStepFilter):
    run = filters.CharFilter("run__key", max_length=RUN_CHARACTERS_MAX, label=RUN_LABEL)
    cause = filters.ChoiceFilter(choices=choices(RestatementCause))

    class Meta:
        model = Restatement
        fields: list[str] = []


class ConflictFilter(LotStepFilter):
    kind = filters.ChoiceFilter(choices=choices(ConflictKind))
    verdict = filters.ChoiceFilter(choices=choices(ConflictVerdict))

    class Meta:
        model = IdentityConflict
        fields: list[str] = []


@extend_schema(summary="Changes of the figures of lot steps, newest first")
class RestatementListView(StrictQueryMixin, ListAPIView[Restatement]):
    queryset = listed_restatements()
    serializer_class = RestatementSerializer
    filterset_class = RestatementFilter


@extend_schema(summary="Identities that contradict each other, newest first")
class IdentityConflictListView(StrictQueryMixin, ListAPIView[IdentityConflict]):
    queryset = listed_conflicts()
    serializer_class = IdentityConflictSerializer
    filterset_class = ConflictFilter

    def paginate_queryset(self, queryset: QuerySet[IdentityConflict, Any] | Any) -> Any:
        """The page, with the codes of its wafers read once."""
        rows = super().paginate_queryset(queryset)
        self.codes, self.sessions = wafer_codes(rows or ()), sessions_in(rows or ())
        return rows

    def get_serializer_context(self) -> dict[str, Any]:
        read = {
            "wafer_codes": getattr(self, "codes", {}),
            "sessions": getattr(self, "sessions", {}),
        }
        return {**super().get_serializer_context(), **read}
