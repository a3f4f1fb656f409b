"""A recall case followed by a program: drawn up again, settled, closed, cancelled."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.shapes import serial_list, text
from operations.api.recalls import RecallDetailSerializer, detail_of
from operations.domain.words import Place, RecallAct
from operations.selectors.recall_cases import ItemsWanted, case_by_number
from operations.services.recalls import (
    SETTLED_MAX,
    cancel_case,
    close_case,
    refresh_case,
    settle_items,
)
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import checked_body, person_of
from supplychain.base.choices import choices
from supplychain.base.errors import MalformedError


class RecallActSerializer(serializers.Serializer[dict[str, Any]]):
    """note: why; for all but refresh. The rest is for settle: exposed items that fit every word."""

    act = serializers.ChoiceField(choices=choices(RecallAct))
    note = text(10_000, help_text="Why something is exposed no more, or what was learnt.")
    serials = serial_list()
    place = serializers.ChoiceField(choices=choices(Place), required=False, default="")
    rack = text(80, help_text="Serial of a rack.")
    begins_with = text(80, help_text="How the serial or lot code begins.")
    is_all = serializers.BooleanField(
        required=False, default=False, help_text="Settle whatever is exposed; nothing else named."
    )


class RecallActResultSerializer(RecallDetailSerializer):
    settled_now = serializers.IntegerField(
        help_text=f"By this request; at most {SETTLED_MAX:,} a time, so ask again until it is 0."
    )

    class Meta(RecallDetailSerializer.Meta):
        fields = [*RecallDetailSerializer.Meta.fields, "settled_now"]


class RecallActsView(StrictQueryMixin):
    rights: ClassVar[dict[str, str]] = {"POST": "operations.track_recallcase"}

    @extend_schema(
        summary="Draw a recall case up again, settle some of it, close or cancel it",
        operation_id="recall_act",
        request=RecallActSerializer,
        responses=RecallActResultSerializer,
    )
    def post(self, request: Request, number: int) -> Response:
        asked = checked_body(request, RecallActSerializer)
        case, actor, act = case_by_number(number), person_of(request), RecallAct(asked["act"])
        settled = 0
        if act is RecallAct.REFRESH:
            refresh_case(case=case)
        elif act is RecallAct.SETTLE:
            wanted = _wanted(asked)
            settled = settle_items(case=case, wanted=wanted, reason=asked["note"], actor=actor)
        elif act is RecallAct.CLOSE:
            close_case(case=case, conclusion=asked["note"], actor=actor)
        else:
            cancel_case(case=case, reason=asked["note"], actor=actor)
        return Response({**detail_of(number), "settled_now": settled})


def _wanted(asked: dict[str, Any]) -> ItemsWanted:
    """MalformedError where nothing narrows it and it is not said to be all."""
    wanted = ItemsWanted(
        serials=tuple(asked["serials"]),
        place=asked["place"],
        rack=asked["rack"],
        q=asked["begins_with"],
    )
    if (wanted == ItemsWanted()) is not asked["is_all"]:
        raise MalformedError(
            "Say which to settle by serials, place, rack or begins_with, or say is_all alone.",
            field="is_all",
        )
    return wanted
