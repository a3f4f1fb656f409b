"""Control charts over HTTP: points, limits, broken rules and the issues beside them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lots.models import Product
from quality.domain.control import CHART_KINDS
from quality.domain.figures import BIN, FIGURES, TEST, figure_title
from quality.domain.words import LimitKind, RuleSet
from quality.selectors.control_charts import ChartLot, ControlChart, control_chart, unit_of
from quality.selectors.limit_asking import LimitWords, asked_for
from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices
from supplychain.base.errors import MissingError, RefusedError

KINDS = [(kind.value, kind.value) for kind in LimitKind if kind in CHART_KINDS]

SUBJECTS = (
    "`final-yield` if left out; the number of a hard bin; or one of: "
    + ", ".join(
        f"`{figure.code} NUMBER`" if figure.argument == TEST else f"`{figure.code}`"
        for figure in FIGURES.values()
        if figure.argument != BIN
    )
    + ". NUMBER is of a test."
)


class ChartQuerySerializer(serializers.Serializer[dict[str, Any]]):
    """rules: of p, Laney, u and I charts."""

    product = serializers.CharField(max_length=64)
    step = serializers.CharField(max_length=32)
    kind = serializers.ChoiceField(KINDS)
    subject = serializers.CharField(max_length=300, required=False, help_text=SUBJECTS)
    rules = serializers.ChoiceField(choices(RuleSet), required=False)


class ChartRuleSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    words = serializers.CharField()
    hint = serializers.CharField(help_text="What it often means.")


class ChartPointSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    rules = ChartRuleSerializer(many=True)


class ChartPanelSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    middle = serializers.FloatField(allow_null=True)
    is_ratio = serializers.BooleanField(help_text="Ratios 0 to 1.")
    is_in_unit = serializers.BooleanField(
        help_text="In the figure's unit, a ratio for percent; else in sigma, logits or logs."
    )


class ChartLotSerializer(serializers.Serializer[ChartLot]):
    lot = serializers.CharField(source="lot.lot_code")
    started_at = serializers.DateTimeField(source="lot.started_at")
    counted = serializers.IntegerField(source="lot.passed")
    tested = serializers.IntegerField(
        source="lot.tested", help_text="In how many units, wafers or values."
    )
    value = serializers.FloatField(source="lot.ratio", help_text="The figure; a ratio for percent.")
    left_out = serializers.CharField(source="lot.left_out", help_text="Why; empty: it counted.")
    is_first_phase = serializers.BooleanField(source="is_history")
    points = serializers.ListField(
        child=ChartPointSerializer(allow_null=True),
        help_text="One a panel, null where it has none; empty for a lot left out.",
    )
    issues = serializers.SerializerMethodField(
        help_text="Numbers of the issues of a lot that signals, for those who may see them."
    )

    def get_issues(self, lot: ChartLot) -> list[str]:
        return [issue.number for issue in lot.issues] if self.context["may_see_issues"] else []


class ControlChartSerializer(serializers.Serializer[ControlChart]):
    """version: null for trial limits, computed now. lots: oldest first."""

    version = serializers.IntegerField(source="version.pk", default=None, allow_null=True)
    subject = serializers.CharField(source="asked.subject")
    title = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField(help_text="Of the figure; empty where none is known.")
    sigmas = serializers.FloatField(source="asked.sigmas")
    method = serializers.CharField(source="limits.method")
    sigma = serializers.FloatField(source="limits.sigma")
    is_provisional = serializers.BooleanField(source="limits.is_provisional")
    panels = ChartPanelSerializer(many=True)
    lots = ChartLotSerializer(many=True)

    def get_title(self, chart: ControlChart) -> str:
        return figure_title(chart.asked.subject)

    def get_unit(self, chart: ControlChart) -> str:
        return unit_of(chart.asked)


class ControlChartView(StrictQueryMixin):
    rights = "quality.view_limitversion"
    query_parameters: ClassVar[frozenset[str]] = frozenset(ChartQuerySerializer().fields)

    @extend_schema(
        summary="A figure of a series on a control chart, with released limits or on trial",
        operation_id="control_chart",
        parameters=[ChartQuerySerializer],
        responses=ControlChartSerializer,
    )
    def get(self, request: Request) -> Response:
        """At most 500 lots, from the first of the first phase on."""
        query = ChartQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = query.validated_data
        product = Product.objects.filter(code=said["product"]).first()
        if product is None:
            raise MissingError("There is no such product.", field="product")
        kind = LimitKind(said["kind"])
        asked = asked_for(LimitWords(product, said["step"], kind, said.get("subject", "")))
        chosen = RuleSet(said.get("rules", RuleSet.LIMIT))
        chart = control_chart(asked, chosen, timezone.now())
        if chart is None:
            raise RefusedError(
                "These lots give no limits: too few of them, or nothing differs between them."
            )
        context = {"may_see_issues": request.user.has_perm("quality.view_issue")}
        return Response(ControlChartSerializer(chart, context=context).data)
