"""What an order would do, as it is answered."""

from __future__ import annotations

from collections.abc import Callable

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.serializers import EventSerializer
from lots.models import Event, Lot
from lots.selectors import ledger_events
from lots.services import LotView, Preview, preview
from supplychain.base.errors import MalformedError

DRY_RUN = "dry-run"
PREVIEW_PARAMETERS = [
    OpenApiParameter(
        "preview",
        {"type": "string", "enum": ["1", "0"]},
        description="1: show what would happen, and keep nothing of it.",
    ),
    OpenApiParameter(
        "Prefer",
        {"type": "string"},
        OpenApiParameter.HEADER,
        description=f"{DRY_RUN}: the same as preview=1.",
    ),
]


class LotViewSerializer(serializers.Serializer[LotView]):
    code = serializers.CharField()
    product = serializers.CharField()
    route = serializers.CharField()
    step = serializers.CharField()
    state = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_of_measure = serializers.CharField()
    custodian = serializers.CharField()
    customer = serializers.CharField()
    is_tracked_in = serializers.BooleanField()
    version = serializers.IntegerField()
    holds = serializers.ListField(child=serializers.CharField())


class PreviewSerializer(serializers.Serializer[Preview]):
    """The event as it would be written, what it would set off, and its lots on both sides."""

    event = EventSerializer()
    set_off = EventSerializer(many=True)
    before = LotViewSerializer(many=True)
    after = LotViewSerializer(many=True)


EFFECT = PolymorphicProxySerializer(
    component_name="EventOrPreview",
    serializers=[EventSerializer, PreviewSerializer],
    resource_type_field_name=None,
)


def answer(
    request: Request, work: Callable[[], Event], lot: Lot | None = None, *, status: int = 200
) -> Response:
    """The event with the lot's new ETag; for a dry run, what it would be.

    lot: that the order was sent to; None = the one it makes.
    """
    if _is_dry_run(request):
        shown = PreviewSerializer(preview(work)).data
        return Response(shown, headers={"Preference-Applied": DRY_RUN})
    event = work()
    written = ledger_events().get(pk=event.pk)
    version = Lot.objects.values_list("version", flat=True).get(pk=lot.pk if lot else event.lot_id)
    headers = {"ETag": f'"{version}"'}
    return Response(EventSerializer(written).data, status=status, headers=headers)


def _is_dry_run(request: Request) -> bool:
    word = request.query_params.get("preview", "0")
    if word not in {"0", "1"}:
        raise MalformedError("preview must be 1 or 0.", parameter="preview")
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return word == "1" or DRY_RUN in {one.strip() for one in preferences}
