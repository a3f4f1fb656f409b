"""Waivers of gates: asked for, approved by another person, revoked."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.commands import command_now
from lots.api.shapes import text
from lots.domain.commands import QUANTITY_MAX
from lots.domain.gates import WaiverOrder, waiver_state
from lots.domain.words import Gate
from lots.models import Step, Waiver
from lots.selectors.gates import grant_of
from lots.services.lookups import lot_by_code, product_by_code
from lots.services.waiving import approve_waiver, request_waiver, revoke_waiver
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import KEY, checked_body, person_of
from supplychain.base.choices import choices
from supplychain.base.errors import MissingError

ACTS = {"approve": approve_waiver, "revoke": revoke_waiver}
WAIVERS = Waiver.objects.select_related(
    "step__route_version__route", "lot", "product", "requested_by", "approved_by", "revoked_by"
)


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    state = serializers.SerializerMethodField(
        help_text="requested, approved, used-up, expired or revoked."
    )
    route_version = serializers.CharField(source="step.route_version")
    step = serializers.CharField(source="step.code")
    lot = serializers.CharField(source="lot.code", default=None, allow_null=True)
    product = serializers.CharField(source="product.code", default=None, allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")
    approved_by = serializers.CharField(
        source="approved_by.username", default=None, allow_null=True
    )
    revoked_by = serializers.CharField(source="revoked_by.username", default=None, allow_null=True)

    class Meta:
        model = Waiver
        fields = [
            "id", "state", "gate", "route_version", "step", "lot", "product", "reason", "quantity",
            "used", "valid_from", "valid_to", "requested_by", "requested_at", "approved_by",
            "approved_at", "revoked_by", "revoked_at",
        ]  # fmt: skip

    def get_state(self, waiver: Waiver) -> str:
        return waiver_state(grant_of(waiver), timezone.now()).value


class WaiverOrderSerializer(serializers.Serializer[dict[str, Any]]):
    """For a lot and what is split off it, or for every lot of a product."""

    gate = serializers.ChoiceField(choices=choices(Gate))
    route = serializers.CharField(max_length=32)
    version = serializers.IntegerField(min_value=1, max_value=32_767)
    step = serializers.CharField(max_length=32)
    lot = text(64)
    product = text(64)
    reason = serializers.CharField(max_length=200)
    quantity = serializers.IntegerField(
        min_value=1, max_value=QUANTITY_MAX, help_text="Units that may pass, all lots together."
    )
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(help_text="Not including.")


class WaiverActSerializer(serializers.Serializer[dict[str, Any]]):
    act = serializers.ChoiceField(choices=sorted(ACTS))


class WaiverFilter(filters.FilterSet):
    lot = filters.CharFilter("lot__code", max_length=64, label="Lot code.")
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    step = filters.CharFilter("step__code", max_length=32, label="Step code, on any route.")
    gate = filters.ChoiceFilter(choices=choices(Gate))

    class Meta:
        model = Waiver
        fields: list[str] = []


class WaiversView(StrictQueryMixin, ListAPIView[Waiver]):
    queryset = WAIVERS
    serializer_class = WaiverSerializer
    filterset_class = WaiverFilter
    rights: ClassVar[dict[str, str]] = {"GET": "lots.view_waiver", "POST": "lots.add_waiver"}

    @extend_schema(summary="Waivers, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Ask that material may pass a gate; another person approves it",
        request=WaiverOrderSerializer,
        responses={201: WaiverSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        asked = checked_body(request, WaiverOrderSerializer)
        order = WaiverOrder(
            gate=Gate(asked["gate"]),
            reason=asked["reason"],
            quantity=asked["quantity"],
            valid_from=asked["valid_from"],
            valid_to=asked["valid_to"],
        )
        waiver = request_waiver(
            order=order,
            step=_step(asked),
            lot=lot_by_code(asked["lot"]) if asked["lot"] else None,
            product=product_by_code(asked["product"]) if asked["product"] else None,
            actor=person_of(request),
            command=command_now(request, asked),
        )
        return Response(_shown(waiver.pk), status=status.HTTP_201_CREATED)


class WaiverActsView(StrictQueryMixin, GenericAPIView[Waiver]):
    queryset = WAIVERS
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": "lots.approve_waiver"}

    @extend_schema(
        summary="Approve or revoke a waiver; never by who asked for it",
        operation_id="waiver_act",
        request=WaiverActSerializer,
        responses=WaiverSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        act = ACTS[checked_body(request, WaiverActSerializer)["act"]]
        waiver = self.queryset.filter(pk=pk).first()
        if waiver is None:
            raise MissingError(f"There is no waiver {pk}.", waiver=pk)
        act(waiver=waiver, actor=person_of(request))
        return Response(_shown(pk))


def _step(asked: dict[str, Any]) -> Step:
    found = Step.objects.select_related("route_version__route").filter(
        route_version__route__code=asked["route"],
        route_version__version=asked["version"],
        code=asked["step"],
    )
    step = found.first()
    if step is None:
        raise MissingError("There is no such step on that version of the route.", field="step")
    return step


def _shown(pk: int) -> dict[str, Any]:
    found: dict[str, Any] = WaiverSerializer(WAIVERS.get(pk=pk)).data
    return found
