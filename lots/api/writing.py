from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.building import STARTS, Start
from lots.api.effects import EFFECT, PREVIEW_PARAMETERS, answer
from lots.api.orders import ORDERS, Asked, Order
from lots.api.reading import LotListView, NewestEventsFirst, events_of
from lots.api.serializers import EventSerializer
from lots.api.typed import examples_of
from lots.domain.chain import body_sha256
from lots.domain.commands import Command
from lots.domain.moments import refuse_future
from lots.domain.words import Source
from lots.models import Event, Lot
from lots.services import answered
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import KEY, operation_key
from supplychain.base.errors import ForbiddenError, MalformedError, MissingError
from supplychain.base.requests import request_id

ORDER = PolymorphicProxySerializer(
    component_name="LotOrder",
    serializers={str(verb): order.serializer for verb, order in ORDERS.items()},
    resource_type_field_name="verb",
)
START = PolymorphicProxySerializer(
    component_name="LotStart",
    serializers={str(verb): start.serializer for verb, start in STARTS.items()},
    resource_type_field_name="verb",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the lot you looked at; refused with 412 when it changed since.",
)


class LotsView(LotListView):
    query_parameters = LotListView.query_parameters | {"preview"}
    rights: ClassVar[dict[str, str]] = {"GET": "lots.view_lot", "POST": "lots.view_lot"}

    @extend_schema(
        summary="Begin a lot: receive it, or assemble it from parts",
        request=START,
        examples=examples_of({verb: start.serializer for verb, start in STARTS.items()}),
        responses={200: EFFECT, 201: EventSerializer},
        parameters=[KEY, *PREVIEW_PARAMETERS],
    )
    def post(self, request: Request) -> Response:
        start, asked = _start(request)
        command = _command(request, asked)
        return answer(
            request, lambda: answered(command, lambda: start.carry_out(asked, command)), status=201
        )


class LotEventsView(StrictQueryMixin, ListAPIView[Event]):
    queryset = Event.objects.none()
    serializer_class = EventSerializer
    pagination_class = NewestEventsFirst
    query_parameters = frozenset({"preview"})
    rights: ClassVar[dict[str, str]] = {"GET": "lots.view_event", "POST": "lots.view_lot"}

    def get_queryset(self) -> QuerySet[Event, Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return events_of(self.kwargs["code"])

    @extend_schema(summary="What happened to a lot, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Carry out a verb on a lot",
        request=ORDER,
        examples=examples_of({verb: order.serializer for verb, order in ORDERS.items()}),
        responses={200: EFFECT},
        parameters=[KEY, IF_MATCH, *PREVIEW_PARAMETERS],
    )
    def post(self, request: Request, code: str) -> Response:
        order, asked = _order(request)
        lots = Lot.objects.select_related("route_version__route", "product", "step", "custodian")
        lot = lots.filter(code=code).first()
        if lot is None:
            raise MissingError(f"There is no lot {code}. Check the code.", lot=code)
        command = _command(request, asked, lot)
        return answer(
            request, lambda: answered(command, lambda: order.carry_out(lot, asked, command)), lot
        )


def _order(request: Request) -> tuple[Order, Asked]:
    """A known verb that this user may carry out, and its checked body."""
    order = ORDERS[_verb(request, ORDERS)]
    return order, _checked(request, order)


def _start(request: Request) -> tuple[Start, Asked]:
    start = STARTS[_verb(request, STARTS)]
    return start, _checked(request, start)


def _verb(request: Request, known: Mapping[str, Order | Start]) -> str:
    body = request.data
    verb = body.get("verb") if isinstance(body, dict) else None
    if not isinstance(verb, str) or verb not in known:
        raise MalformedError(f"verb must be one of {', '.join(known)}.", field="verb")
    return verb


def _checked(request: Request, order: Order | Start) -> Asked:
    body: Asked = request.data  # type: ignore[assignment]  # an object, as its verb was found
    if not request.user.has_perm(order.right):
        verb = body["verb"]
        raise ForbiddenError(f"You may not {verb} lots. Ask an administrator for the right.")
    shape = order.serializer(data=body)
    unknown = sorted(set(body) - set(shape.fields))
    if unknown:
        raise MalformedError(f"{body['verb']} does not take {', '.join(unknown)}.", fields=unknown)
    shape.is_valid(raise_exception=True)
    asked: Asked = shape.validated_data
    return asked


def _command(request: Request, asked: Asked, lot: Lot | None = None) -> Command:
    op_key = operation_key(request)
    refuse_future(asked["occurred_at"], timezone.now(), settings.AHEAD_MAX)
    return Command(
        op_key=op_key,
        occurred_at=asked["occurred_at"],
        source=Source.API,
        actor_id=request.user.pk,
        request_id=request_id(),
        reason=asked["reason"],
        comment=asked["comment"],
        expected_version=_version(request.headers.get("If-Match", "")),
        asked_sha256=body_sha256({"asked": asked, "lot": lot.code if lot else ""}),
    )


def _version(tag: str) -> int | None:
    """The version an ETag names; None for no tag and for "*"."""
    word = tag.strip().removeprefix("W/").strip('"')
    if word in {"", "*"}:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        raise MalformedError("If-Match is not an ETag of a lot; take it unchanged.")
    return int(word)
