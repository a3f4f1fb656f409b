"""What finance joins the ledger with: items, standard costs, custodians' stock, and assets."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api import parameters
from finance.api.conditions import tag_of, without_reading
from finance.api.reading import BooksMixin, logged
from finance.api.serializers import MoneyField, UnitsField
from finance.domain.queries import as_of_date, as_of_seq, asset_state
from finance.domain.registering import Asset
from finance.domain.words import AssetState
from finance.models import CostVersion, StandardCost
from finance.selectors.assets import AsOf, asset_register
from finance.selectors.costs import approvals_of_costs, cost_version, versioned_costs
from finance.selectors.custody import custodian_by_code, custody
from finance.selectors.ledger import watermark
from lots.models import Product
from supplychain.base.api import KeysetPagination
from supplychain.base.choices import choices
from supplychain.base.errors import MalformedError
from supplychain.base.snapshots import snapshot


class RegisterView(BooksMixin):
    """A whole register as JSON; who reads it is kept."""

    rights = "finance.view_ledgerentry"


class ItemSerializer(serializers.ModelSerializer[Product]):
    supplier = serializers.CharField(source="supplier.code", default=None, allow_null=True)

    class Meta:
        model = Product
        fields = ["code", "name", "family", "stepping", "kind", "supplier", "is_engineering"]


class ItemsSerializer(serializers.Serializer[Any]):
    results = ItemSerializer(many=True)


class ItemView(RegisterView):
    """Everything that stands as `item` in the ledger."""

    @extend_schema(
        operation_id="finance_item_list", summary="Items of the ledger", responses=ItemsSerializer
    )
    def get(self, request: Request) -> Response:
        """By code."""
        rows = list(Product.objects.select_related("supplier").order_by("code"))
        return Response(ItemsSerializer({"results": rows}).data)


class StandardCostSerializer(serializers.ModelSerializer[StandardCost]):
    version = serializers.CharField(source="version.code")
    effective_on = serializers.DateField(source="version.effective_on")
    approved_by = serializers.CharField(
        source="version.approved_by.username", default=None, allow_null=True
    )
    item = serializers.CharField(source="item_id")
    stage = serializers.CharField(source="stage_id")
    supplier = serializers.CharField(
        source="supplier_id", allow_null=True, help_text="Whose lots it is for; null: all others'."
    )
    unit_cost = MoneyField()

    class Meta:
        model = StandardCost
        fields = [
            "version", "effective_on", "approved_by", "item", "stage", "supplier", "unit_cost",
            "yield_ratio",
        ]  # fmt: skip


class StandardCostsInOrder(KeysetPagination):
    """The newest version first; in it by item and stage."""

    ordering: ClassVar[list[str]] = ["-version__effective_on", "item_id", "stage__sequence", "id"]
    limit_default, limit_max = 1_000, 10_000


class StandardCostView(BooksMixin, GenericAPIView[StandardCost]):
    """Standard costs by version."""

    serializer_class = StandardCostSerializer
    pagination_class = StandardCostsInOrder
    filter_backends = ()
    rights = "finance.view_costversion"
    query_parameters: ClassVar[frozenset[str]] = frozenset({"version"})

    @extend_schema(
        operation_id="finance_standard_cost_list",
        summary="Standard costs by version",
        parameters=[OpenApiParameter("version", str, description="Only this one, a draft too.")],
        responses=StandardCostSerializer(many=True),
    )
    def get(self, request: Request) -> HttpResponse:
        """Every approved version, the newest first, unless one is named; page by page."""
        if "version" in request.query_params:
            return self._page(cost_version(request.query_params["version"]))
        # The database lets nobody change a version once it is approved.
        tag = tag_of(request, approvals_of_costs())
        if unread := without_reading(request, tag, self.end_seq):
            return unread
        answer = self._page(None)
        answer["ETag"] = tag
        return answer

    def _page(self, version: CostVersion | None) -> Response:
        rows = self.paginate_queryset(versioned_costs(version))
        return self.get_paginated_response(StandardCostSerializer(rows, many=True).data)


class CustodySerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    lot = serializers.CharField()
    stage = serializers.CharField(allow_blank=True)
    account = serializers.CharField()
    owner = serializers.CharField()
    unit_of_measure = serializers.CharField()
    quantity = UnitsField()


class CustodianStatementSerializer(serializers.Serializer[Any]):
    """Without money: it is for the custodian to confirm."""

    custodian = serializers.CharField()
    as_of_seq = serializers.IntegerField()
    as_of_date = serializers.DateField(allow_null=True)
    results = CustodySerializer(many=True)


class CustodianStatementView(RegisterView):
    """What a custodian holds, ours or not, by item and lot."""

    query_parameters: ClassVar[frozenset[str]] = frozenset({"custodian", "as_of_seq", "as_of_date"})

    @extend_schema(
        summary="Statement of a custodian",
        parameters=[
            OpenApiParameter("custodian", str, required=True),
            parameters.AS_OF_SEQ,
            parameters.AS_OF_DATE,
        ],
        responses=CustodianStatementSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """As of a seq and a day."""
        given = request.query_params.dict()
        if not given.get("custodian"):
            raise MalformedError("Name a custodian, by its code.", parameter="custodian")
        mark, day = watermark(as_of_seq(given)), as_of_date(given)
        custodian = custodian_by_code(given["custodian"])
        tag = tag_of(request, mark.sha256)
        if unread := without_reading(request, tag, mark.seq):
            return unread
        rows = custody(custodian.code, mark.seq, day)
        content = {
            "custodian": custodian.code,
            "as_of_seq": mark.seq,
            "as_of_date": day,
            "results": rows,
        }
        shown = CustodianStatementSerializer(content).data
        return logged(request, shown, len(rows), mark.seq, tag=tag)


class AssetSerializer(serializers.Serializer[Asset]):
    """in_service_on, accepted_seq: day and lots event of its acceptance; null before it.

    retired_on, retired_seq: of its retirement; null before it.
    """

    serial = serializers.CharField(
        allow_blank=True, help_text="Empty for units that cannot be told apart."
    )
    quantity = serializers.IntegerField(help_text="Minus for so many retired that came back.")
    item = serializers.CharField()
    lot = serializers.CharField()
    account = serializers.CharField()
    state = serializers.ChoiceField(choices(AssetState))
    custodian = serializers.CharField()
    in_service_on = serializers.DateField(allow_null=True)
    accepted_seq = serializers.IntegerField(allow_null=True)
    retired_on = serializers.DateField(allow_null=True)
    retired_seq = serializers.IntegerField(allow_null=True)
    site = serializers.CharField(allow_blank=True)
    rack = serializers.CharField(allow_blank=True)
    slot = serializers.IntegerField(allow_null=True)
    chips = serializers.IntegerField(
        allow_null=True, help_text="Null for units that cannot be told apart."
    )
    kilowatts = serializers.FloatField(allow_null=True)
    amount = MoneyField(
        help_text="Its share of what its lot is carried at, or was when it was retired."
    )
    amount_per_chip = MoneyField(allow_null=True)


class AssetSumSerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    account = serializers.CharField()
    state = serializers.ChoiceField(choices(AssetState))
    quantity = serializers.IntegerField()
    chips = serializers.IntegerField(allow_null=True)
    kilowatts = serializers.FloatField(allow_null=True)
    amount = MoneyField()
    amount_per_unit = MoneyField(allow_null=True)
    amount_per_chip = MoneyField(allow_null=True)
    amount_per_megawatt = MoneyField(allow_null=True)


class AssetsSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField()
    as_of_date = serializers.DateField(allow_null=True)
    sums = AssetSumSerializer(many=True)
    results = AssetSerializer(many=True)


class AssetView(RegisterView):
    """What is under construction, in service or retired, serial by serial."""

    query_parameters: ClassVar[frozenset[str]] = frozenset(
        {"lot", "state", "as_of_seq", "as_of_date"}
    )

    @extend_schema(
        operation_id="finance_asset_list",
        summary="Register of assets",
        parameters=[
            OpenApiParameter("lot", str, description="Only of this lot."),
            OpenApiParameter(
                "state", str, enum=list(AssetState),
                description="Only these. Without it what stands: all but what is retired.",
            ),
            parameters.AS_OF_SEQ,
            parameters.AS_OF_DATE,
        ],
        responses=AssetsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """As the books and racks stand now; as of a seq or day by lots, without serials and places.

        Retired assets have their serials then too.
        """
        given = request.query_params.dict()
        seq, day, state = as_of_seq(given), as_of_date(given), asset_state(given)
        with snapshot():
            mark = watermark(seq)
            as_of = None if seq is None and day is None else AsOf(mark.seq, day)
            found = asset_register(lot=given.get("lot", ""), state=state, as_of=as_of)
        content = {
            "as_of_seq": mark.seq,
            "as_of_date": day,
            "sums": found.sums,
            "results": found.assets,
        }
        shown = AssetsSerializer(content).data
        return logged(request, shown, len(found.assets), mark.seq)
