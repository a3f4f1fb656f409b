from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from intake.domain.words import FileState
from intake.models import ArchiveMember, Arrival, LoadAttempt, RawFile, RejectedRecord
from intake.selectors import archive_members, file_report, row_counts
from supplychain.base.choices import choices

REJECTED_SHOWN_MAX = 100


class FileSerializer(serializers.ModelSerializer[RawFile]):
    state = serializers.ChoiceField(source="shown_state", choices=choices(FileState))
    lot = serializers.CharField(source="lot.code", default=None)
    step = serializers.CharField(source="step.code", default=None)

    class Meta:
        model = RawFile
        fields = [
            "sha256", "name", "size", "kind", "state", "message", "lot", "step", "received_at",
            "settled_at",
        ]  # fmt: skip


class ArrivalSerializer(serializers.ModelSerializer[Arrival]):
    class Meta:
        model = Arrival
        fields = ["name", "door", "arrived_at"]


class AttemptSerializer(serializers.ModelSerializer[LoadAttempt]):
    class Meta:
        model = LoadAttempt
        fields = ["outcome", "message", "started_at", "finished_at"]


class RejectedRecordSerializer(serializers.ModelSerializer[RejectedRecord]):
    class Meta:
        model = RejectedRecord
        fields = ["position", "kind", "reason", "count"]


class ArchiveMemberSerializer(serializers.ModelSerializer[ArchiveMember]):
    """One file in an archive. sha256, state: of the file that it is; null where it is left out."""

    sha256 = serializers.CharField(source="file.sha256", default=None, allow_null=True)
    state = serializers.ChoiceField(
        source="file.state", choices=choices(FileState), default=None, allow_null=True
    )
    message = serializers.CharField(source="file.message", default="")

    class Meta:
        model = ArchiveMember
        fields = ["number", "name", "size", "sha256", "state", "message", "reason"]


class FiguresSerializer(serializers.Serializer[Any]):
    """Of this file's own run."""

    insertions = serializers.IntegerField()
    units = serializers.IntegerField()
    first_pass_passed = serializers.IntegerField()
    final_passed = serializers.IntegerField()
    final_hard_bins = serializers.DictField(child=serializers.IntegerField())


class FileDetailSerializer(FileSerializer):
    summary = serializers.DictField()
    figures = serializers.SerializerMethodField()
    row_counts = serializers.SerializerMethodField()
    members = serializers.SerializerMethodField()
    arrivals = ArrivalSerializer(many=True)
    attempts = AttemptSerializer(many=True)
    rejected_records = serializers.SerializerMethodField()

    class Meta(FileSerializer.Meta):
        fields = [
            *FileSerializer.Meta.fields, "summary", "figures", "row_counts", "members",
            "arrivals", "attempts", "rejected_records",
        ]  # fmt: skip

    @extend_schema_field(FiguresSerializer(allow_null=True))
    def get_figures(self, file: RawFile) -> Any:
        return FiguresSerializer(file_report(file)).data if file.run else None

    def get_row_counts(self, file: RawFile) -> dict[str, int]:
        return row_counts(file)

    @extend_schema_field(ArchiveMemberSerializer(many=True))
    def get_members(self, file: RawFile) -> Any:
        return ArchiveMemberSerializer(archive_members(file), many=True).data

    @extend_schema_field(RejectedRecordSerializer(many=True))
    def get_rejected_records(self, file: RawFile) -> Any:
        found = file.rejected_records.order_by("position", "id")[:REJECTED_SHOWN_MAX]
        return RejectedRecordSerializer(found, many=True).data


class ReceiptSerializer(serializers.ModelSerializer[RawFile]):
    is_duplicate = serializers.SerializerMethodField()

    class Meta:
        model = RawFile
        fields = [
            "sha256", "name", "size", "kind", "state", "message", "received_at", "settled_at",
            "is_duplicate",
        ]  # fmt: skip

    def get_is_duplicate(self, file: RawFile) -> bool:
        return bool(self.context["is_duplicate"])


class UploadSerializer(serializers.Serializer[Any]):
    """A form with one file."""

    file = serializers.FileField()
