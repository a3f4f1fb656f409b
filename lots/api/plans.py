"""What is to be done to lots by itself later: plan it, list it, cancel it."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.commands import command_now
from lots.api.orders import ORDERS, person_named, role_named
from lots.api.shapes import BINS_CHARACTERS_MAX, serial_list, text, wafer_list
from lots.domain.bins import BIN_MAX
from lots.domain.commands import QUANTITY_MAX
from lots.domain.orders import ACTION_VERBS, FutureActionOrder
from lots.domain.words import ActionState, BinKind, HoldClass, Trigger, Verb
from lots.models import FutureAction
from lots.services import cancel_action, plan_action
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import (
    KEY,
    checked_body,
    person_of,
    refuse_without,
)
from supplychain.base.choices import choices
from supplychain.base.errors import MissingError

VERBS = [(verb.value, verb.value) for verb in ACTION_VERBS]


class PlanSerializer(serializers.ModelSerializer[FutureAction]):
    lot = serializers.CharField(source="lot.code", default=None, allow_null=True)
    product = serializers.CharField(source="product.code", default=None, allow_null=True)
    step = serializers.CharField(source="step.code", default=None, allow_null=True)
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    order = serializers.DictField(help_text="What the verb is told, as it was planned.")
    set_off_by = serializers.IntegerField(
        source="set_off_by.seq", default=None, allow_null=True, help_text="The event waited for."
    )
    event = serializers.IntegerField(
        source="event.seq", default=None, allow_null=True, help_text="What it did."
    )

    class Meta:
        model = FutureAction
        fields = [
            "id", "lot", "product", "trigger", "step", "on_verb", "verb", "order", "reason",
            "owner", "is_repeated", "state", "outcome", "set_off_by", "event", "created_by",
            "created_at",
        ]  # fmt: skip


class PlanWishSerializer(serializers.Serializer[dict[str, Any]]):
    """Of a hold: hold_class, due_on, releasing_role, and for a part wafers, serials or bin_number.

    Of a split: child and one of quantity, wafers, serials and bins. Of a bank nothing.
    """

    hold_class = serializers.ChoiceField(choices=choices(HoldClass), required=False)
    due_on = serializers.DateField(required=False)
    releasing_role = serializers.CharField(
        max_length=150, required=False, help_text="Only its members may release."
    )
    bin_number = serializers.IntegerField(min_value=0, max_value=BIN_MAX, required=False)
    child = serializers.CharField(max_length=64, required=False, help_text="Code of the new lot.")
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX, required=False)
    wafers = wafer_list()
    serials = serial_list()
    bins = serializers.CharField(max_length=BINS_CHARACTERS_MAX, required=False)
    bin_kind = serializers.ChoiceField(choices=choices(BinKind), required=False)

    def to_internal_value(self, data: Any) -> Any:
        """ValidationError for a member that nobody reads, too."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(f"Nothing here is called {', '.join(unknown)}.")
        return super().to_internal_value(data)


class PlanOrderSerializer(serializers.Serializer[dict[str, Any]]):
    """Of a lot or of a product. trigger event: on_verb; arrives or leaves: step."""

    lot = text(64)
    product = text(64)
    trigger = serializers.ChoiceField(choices=choices(Trigger))
    route = text(32, help_text="Empty: the lot's own.")
    step = text(32)
    on_verb = serializers.ChoiceField(choices=choices(Verb), required=False, default="")
    verb = serializers.ChoiceField(choices=VERBS)
    order = PlanWishSerializer(required=False, default=dict)
    reason = serializers.CharField(max_length=200)
    owner = text(150, help_text="User name of who decides on the hold; empty: nobody.")
    is_repeated = serializers.BooleanField(required=False, default=False)


class PlanFilter(filters.FilterSet):
    lot = filters.CharFilter("lot__code", max_length=64, label="Lot code.")
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    state = filters.ChoiceFilter(choices=choices(ActionState))
    verb = filters.ChoiceFilter(choices=VERBS)

    class Meta:
        model = FutureAction
        fields: list[str] = []


class PlansView(StrictQueryMixin, ListAPIView[FutureAction]):
    queryset = FutureAction.objects.select_related(
        "lot", "product", "step", "owner", "created_by", "set_off_by", "event"
    )
    serializer_class = PlanSerializer
    filterset_class = PlanFilter
    rights: ClassVar[dict[str, str]] = {"GET": "lots.view_futureaction", "POST": "lots.hold_lot"}

    @extend_schema(summary="Planned actions, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Plan a hold, a bank or a split for when a lot gets somewhere",
        request=PlanOrderSerializer,
        responses={201: PlanSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        """Needs the right to do now what is planned."""
        asked = checked_body(request, PlanOrderSerializer)
        refuse_without(request, ORDERS[asked["verb"]].right)
        command = command_now(request, asked)
        action = plan_action(order=_order(asked), actor=person_of(request), command=command)
        return Response(PlanSerializer(action).data, status=status.HTTP_201_CREATED)


class PlanCancelView(StrictQueryMixin, GenericAPIView[FutureAction]):
    queryset = FutureAction.objects.all()
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": "lots.hold_lot"}

    @extend_schema(
        summary="Cancel a planned action",
        operation_id="plan_cancel",
        request=None,
        responses=PlanSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        action = self.queryset.filter(pk=pk).first()
        if action is None:
            raise MissingError(f"There is no planned action {pk}.", action=pk)
        cancelled = cancel_action(action=action, actor=person_of(request))
        return Response(PlanSerializer(cancelled).data)


def _order(asked: dict[str, Any]) -> FutureActionOrder:
    return FutureActionOrder(
        trigger=Trigger(asked["trigger"]),
        verb=Verb(asked["verb"]),
        reason=asked["reason"],
        lot_code=asked["lot"],
        product_code=asked["product"],
        route_code=asked["route"],
        step_code=asked["step"],
        on_verb=Verb(asked["on_verb"]) if asked["on_verb"] else None,
        order=_wish(asked["order"]),
        owner_id=person_named(asked["owner"]),
        is_repeated=asked["is_repeated"],
    )


def _wish(order: dict[str, Any]) -> dict[str, Any]:
    """What was said, as a plan keeps it: a day as text, a role by its id."""
    said = {name: value for name, value in order.items() if value != []}
    if "due_on" in said:
        said["due_on"] = said["due_on"].isoformat()
    if "releasing_role" in said:
        said["releasing_role"] = role_named(said["releasing_role"])
    return said
