from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api import parameters
from finance.api.reading import BooksMixin, logged
from finance.api.serializers import MoneyField, UnitsField
from finance.domain.queries import period_code
from finance.models import PostingRules
from finance.selectors.closing import period_by_code
from finance.selectors.ledger import watermark
from finance.selectors.rule_trials import rule_trial
from finance.selectors.rules import listed_rules, reasons_of, rules_by_code
from supplychain.base.snapshots import snapshot

LOOK = "finance.view_postingrules"


class ReasonSerializer(serializers.Serializer[Any]):
    """A reason that is not listed is neither."""

    reason = serializers.CharField()
    is_normal = serializers.BooleanField()
    is_missing = serializers.BooleanField()


class RulesSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    effective_on = serializers.DateField()
    prepared_by = serializers.CharField()
    approved_by = serializers.CharField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    reasons = ReasonSerializer(many=True)


class RulesListSerializer(serializers.Serializer[Any]):
    results = RulesSerializer(many=True)


class WorthSerializer(serializers.Serializer[Any]):
    quantity = UnitsField()
    amount = MoneyField()


class TriedBucketSerializer(serializers.Serializer[Any]):
    """posted + difference = tried."""

    account = serializers.CharField(source="bucket.account")
    stage = serializers.CharField(source="bucket.stage", allow_blank=True)
    unit_of_measure = serializers.CharField(source="bucket.unit")
    posted = WorthSerializer()
    tried = WorthSerializer()
    difference = WorthSerializer()


class TriedEventSerializer(serializers.Serializer[Any]):
    source_seq = serializers.IntegerField(source="seq", help_text="Of the lots ledger.")
    lot = serializers.CharField()
    verb = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    effective_on = serializers.DateField(source="day")


class RuleTrialSerializer(serializers.Serializer[Any]):
    """unlike: events that the rules in force would not post again as they are posted.

    unpostable: events that the tried rules cannot post; they are left as they are posted.
    """

    rules = serializers.CharField()
    period = serializers.CharField()
    looked_at = serializers.IntegerField(help_text="Events whose reason would mean something else.")
    unlike = serializers.IntegerField()
    unpostable = serializers.IntegerField()
    buckets = TriedBucketSerializer(many=True)
    events = TriedEventSerializer(many=True)


class PostingRulesView(BooksMixin):
    """Reasons of scrap by version."""

    rights = LOOK

    @extend_schema(
        operation_id="finance_posting_rules_list",
        summary="Posting rules by version, drafts too",
        responses=RulesListSerializer,
    )
    def get(self, request: Request) -> Response:
        """The latest first day first."""
        found = listed_rules().prefetch_related("reasons")
        return Response(RulesListSerializer({"results": [_told(one) for one in found]}).data)


def _told(rules: PostingRules) -> dict[str, Any]:
    return {
        "code": rules.code,
        "effective_on": rules.effective_on,
        "prepared_by": rules.prepared_by.username,
        "approved_by": rules.approved_by.username if rules.approved_by else None,
        "approved_at": rules.approved_at,
        "reasons": [
            {"reason": reason, "is_normal": means.is_normal, "is_missing": means.is_missing}
            for reason, means in sorted(reasons_of(rules).items())
        ],
    }


class RuleTrialView(BooksMixin):
    """What a period would have had by these rules."""

    rights = "finance.view_ledgerentry"
    query_parameters: ClassVar[frozenset[str]] = frozenset({"period"})

    @extend_schema(
        operation_id="finance_posting_rules_trial_retrieve",
        summary="Posting rules tried on a period that is posted; nothing is written",
        parameters=[parameters.PERIOD_REQUIRED],
        responses=RuleTrialSerializer,
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """Buckets and events that differ; none where nothing does."""
        period = period_code(request.query_params.dict())
        with snapshot():
            trial = rule_trial(rules_by_code(code), period_by_code(period))
            mark = watermark(None)
        content = RuleTrialSerializer(trial).data
        return logged(request, content, len(trial.buckets), mark.seq)
