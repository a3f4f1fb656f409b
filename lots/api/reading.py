from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from lots.api.filters import LotFilter
from lots.api.past import (
    LOT_LISTED,
    LOT_SHOWN,
    PAST,
    PAST_PARAMETERS,
    LotAsOfSerializer,
    PastPages,
    StepBalancesSerializer,
    moment_of,
)
from lots.api.serializers import EventSerializer, LotDetailSerializer, LotSerializer
from lots.api.waiting import WAIT_SECONDS_MAX, wait_for_more
from lots.models import Event, Lot
from lots.selectors import (
    events_of_lot,
    head_seq,
    ledger_events,
    lots_with_details,
    quantities_of,
)
from lots.selectors.as_of import balances_as_of, balances_now, lot_as_of
from lots.selectors.lots import listed_lots
from supplychain.base.api import KeysetPagination, StrictQueryMixin
from supplychain.base.errors import MalformedError

TAIL_EVENTS = 20


class LotListView(StrictQueryMixin, ListAPIView[Lot]):
    queryset = listed_lots()
    serializer_class = LotSerializer
    filterset_class = LotFilter
    query_parameters = PAST_PARAMETERS

    @extend_schema(
        summary="Lots, newest first; now, or as they stood", parameters=PAST, responses=LOT_LISTED
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if moment := moment_of(request):
            return PastPages().answer(request, moment)
        return super().get(request, *args, **kwargs)


class LotDetailView(StrictQueryMixin, RetrieveAPIView[Lot]):
    queryset = lots_with_details()
    serializer_class = LotDetailSerializer
    lookup_field = "code"
    query_parameters = PAST_PARAMETERS

    @extend_schema(
        summary="One lot: quantities, holds, wafers, ancestry, latest events; or as it stood",
        parameters=PAST,
        responses=LOT_SHOWN,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if moment := moment_of(request):
            then = lot_as_of(self.kwargs["code"], **asdict(moment))
            return Response(LotAsOfSerializer(then).data)
        lot = self.get_object()
        context = {
            "quantities": quantities_of(lot),
            "events": list(events_of_lot(lot)[:TAIL_EVENTS]),
        }
        return Response(
            LotDetailSerializer(lot, context=context).data, headers={"ETag": f'"{lot.version}"'}
        )


class BalancesView(StrictQueryMixin):
    """Sums over lots, which the same right lets one see."""

    rights = "lots.view_lot"
    query_parameters = PAST_PARAMETERS

    @extend_schema(
        summary="Active and banked quantities by step; now, or as they stood",
        operation_id="step_balances",
        parameters=PAST,
        responses=StepBalancesSerializer,
    )
    def get(self, request: Request) -> Response:
        """In route order."""
        moment = moment_of(request)
        rows = balances_as_of(**asdict(moment)) if moment else balances_now()
        return Response(StepBalancesSerializer({"results": rows, "next": None}).data)


class SeqPagination(KeysetPagination):
    """Pages by the ledger's own gapless number, so that a reader can stop and go on for ever."""

    ordering: ClassVar[str] = "seq"
    query_parameters: ClassVar[frozenset[str]] = frozenset({"after_seq", "limit", "wait"})
    head_seq: int = 0

    def paginate_queryset(
        self, queryset: QuerySet[Any, Any] | Any, request: Request, view: Any = None
    ) -> list[Any]:
        after, limit = _number(request, "after_seq", 2**63 - 1), self._limit(request)
        wait_for_more(after, _number(request, "wait", WAIT_SECONDS_MAX))
        rows = list(queryset.filter(seq__gt=after).order_by("seq")[:limit])
        self.next_url = None
        if len(rows) == limit:
            here = request.build_absolute_uri()
            self.next_url = replace_query_param(here, "after_seq", rows[-1].seq)
        # A page that is not full ends at the head.
        self.head_seq = rows[-1].seq if 0 < len(rows) < limit else head_seq()
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        answer = super().get_paginated_response(data)
        answer["X-Head-Seq"] = self.head_seq
        return answer

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit, _ = super().get_schema_operation_parameters(view)
        after = {
            "name": "after_seq",
            "in": "query",
            "required": False,
            "description": "The last seq you have; 0 to begin.",
            "schema": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1, "default": 0},
        }
        wait = {
            "name": "wait",
            "in": "query",
            "required": False,
            "description": "Seconds to wait for an event after after_seq, where there is none yet. "
            "A busy service answers sooner.",
            "schema": {"type": "integer", "minimum": 0, "maximum": WAIT_SECONDS_MAX, "default": 0},
        }
        return [after, limit, wait]


def _number(request: Request, name: str, most: int) -> int:
    word = request.query_params.get(name, "0")
    if not (word.isascii() and word.isdigit() and len(word) < 20 and int(word) <= most):
        raise MalformedError(f"{name} must be a whole number from 0 to {most}.", parameter=name)
    return int(word)


@extend_schema(
    summary="The event ledger by seq: gapless, append-only",
    parameters=[
        OpenApiParameter(
            "X-Head-Seq",
            int,
            OpenApiParameter.HEADER,
            response=[200],
            description="The last seq given out; you have all of them once you have this one.",
        )
    ],
)
class EventListView(StrictQueryMixin, ListAPIView[Event]):
    queryset = ledger_events()
    serializer_class = EventSerializer
    pagination_class = SeqPagination


class NewestEventsFirst(KeysetPagination):
    ordering: ClassVar[str] = "-seq"


def events_of(code: str) -> QuerySet[Event, Any]:
    return events_of_lot(get_object_or_404(Lot, code=code))
