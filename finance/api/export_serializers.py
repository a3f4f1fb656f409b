from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from finance.domain.queries import PERIOD, SEQ_MAX
from finance.domain.words import Account, ExportFormat
from finance.models import ExportFile, ExportJob
from supplychain.base.choices import choices


class ExportOrderSerializer(serializers.Serializer[dict[str, Any]]):
    """All of the ledger up to its present end, unless narrowed."""

    format = serializers.ChoiceField(choices=choices(ExportFormat))
    after_seq = serializers.IntegerField(min_value=0, max_value=SEQ_MAX, default=0)
    as_of_seq = serializers.IntegerField(min_value=0, max_value=SEQ_MAX, required=False)
    period = serializers.RegexField(f"^{PERIOD.pattern}\\Z", required=False)
    account = serializers.ChoiceField(choices=choices(Account), required=False)

    def to_internal_value(self, data: Any) -> Any:
        """What nobody reads is refused, so that a typing error never widens an export."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({key: ["Nobody reads this."] for key in unknown})
        return super().to_internal_value(data)


class TotalsSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    first_seq = serializers.IntegerField(allow_null=True)
    last_seq = serializers.IntegerField(allow_null=True)
    debit = serializers.CharField(help_text="Sum of the positive amounts, six decimals.")
    credit = serializers.CharField(help_text="Sum of the negative amounts, six decimals.")
    amount = serializers.CharField(help_text="Zero over whole transactions.")
    quantities = serializers.DictField(
        child=serializers.CharField(), help_text="Sum by unit of measure."
    )


class ExportFileSerializer(serializers.ModelSerializer[ExportFile]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = ExportFile
        fields = ["number", "url", "row_count", "byte_count", "sha256"]

    def get_url(self, file: ExportFile) -> str:
        """Where its bytes are."""
        request = self.context["request"]
        return reverse("api-export-file", args=[file.job_id, file.number], request=request)


class ExportSerializer(serializers.ModelSerializer[ExportJob]):
    requested_by = serializers.CharField(source="requested_by.username")
    rows_written = serializers.SerializerMethodField(help_text="In finished files.")
    totals = serializers.SerializerMethodField(help_text="Null until they are counted.")
    files = ExportFileSerializer(many=True)

    class Meta:
        model = ExportJob
        fields = [
            "id", "state", "format", "after_seq", "as_of_seq", "period", "account",
            "schema_version", "row_count", "rows_written", "totals", "message", "requested_by",
            "requested_at", "finished_at", "files",
        ]  # fmt: skip

    def get_rows_written(self, job: ExportJob) -> int:
        """Beside row_count: the progress."""
        return sum(file.row_count for file in job.files.all())

    @extend_schema_field(TotalsSerializer(allow_null=True))
    def get_totals(self, job: ExportJob) -> dict[str, Any] | None:
        """Control totals, summed over the ledger apart from the files."""
        return TotalsSerializer(job.totals).data if job.totals else None
