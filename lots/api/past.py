"""Lots as they stood: the parameters, the shapes and the page of such a list."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from lots.api.filters import LotFilter
from lots.api.serializers import LotDetailSerializer, LotSerializer
from lots.domain.moments import SEQ_MAX, Moment, asked_moment
from lots.models import Lot
from lots.selectors.as_of import LotsWanted, lots_as_of, refuse_future
from supplychain.base.api import KeysetPagination
from supplychain.base.errors import MalformedError

PAST_PARAMETERS = frozenset({"as_of_seq", "happened_by"})
PAST = [
    OpenApiParameter(
        "as_of_seq",
        {"type": "integer", "minimum": 0, "maximum": SEQ_MAX},
        description="As known when the ledger was at this event. Not together with happened_by.",
    ),
    OpenApiParameter(
        "happened_by",
        {"type": "string", "format": "date-time"},
        description="As it happened by this time, by all that is known now; corrected events and "
        "their corrections are left out.",
    ),
]


class LotAsOfSerializer(serializers.Serializer[Any]):
    """A lot as it stood then. last_seq: the last event that made it so."""

    code = serializers.CharField()
    kind = serializers.CharField()
    purpose = serializers.CharField()
    product = serializers.CharField()
    route = serializers.CharField()
    route_version = serializers.IntegerField()
    step = serializers.CharField()
    custodian = serializers.CharField()
    state = serializers.CharField()
    is_on_hold = serializers.BooleanField()
    hold_reasons = serializers.ListField(child=serializers.CharField())
    unit_of_measure = serializers.CharField()
    quantity = serializers.IntegerField()
    is_hot = serializers.BooleanField()
    due_on = serializers.DateField(allow_null=True)
    customer = serializers.CharField()
    is_tracked_in = serializers.BooleanField()
    last_seq = serializers.IntegerField()


class StepBalanceSerializer(serializers.Serializer[Any]):
    """What stands at one step. held_count: lots of it on hold."""

    route = serializers.CharField()
    route_version = serializers.IntegerField()
    step = serializers.CharField()
    state = serializers.CharField()
    unit_of_measure = serializers.CharField()
    lot_count = serializers.IntegerField()
    held_count = serializers.IntegerField()
    quantity = serializers.IntegerField()


class StepBalancesSerializer(serializers.Serializer[Any]):
    """Every step with something at it; one page."""

    results = StepBalanceSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Always null: all are here.")


LOT_LISTED = PolymorphicProxySerializer(
    component_name="LotNowOrThen",
    serializers=[LotSerializer, LotAsOfSerializer],
    resource_type_field_name=None,
    many=True,
)
LOT_SHOWN = PolymorphicProxySerializer(
    component_name="LotDetailNowOrThen",
    serializers=[LotDetailSerializer, LotAsOfSerializer],
    resource_type_field_name=None,
)


def moment_of(request: Request) -> Moment | None:
    """The past moment a request asks for; None for now. MalformedError for one to come."""
    words = request.query_params
    moment = asked_moment(words.get("as_of_seq", ""), words.get("happened_by", ""))
    if moment is not None:
        refuse_future(moment)
    return moment


class PastPages(KeysetPagination):
    """A page of lots as they stood, by their rows' own order."""

    def answer(self, request: Request, moment: Moment) -> Response:
        """The lots that fit the request's filters then."""
        limit, before = self._limit(request), _before(request)
        rows = lots_as_of(**asdict(moment), wanted=_wanted(request), before=before, limit=limit + 1)
        if len(rows) > limit:
            here = request.build_absolute_uri()
            self.next_url = replace_query_param(here, "cursor", rows[limit - 1].id)
        return self.get_paginated_response(LotAsOfSerializer(rows[:limit], many=True).data)


def _before(request: Request) -> int | None:
    word = request.query_params.get("cursor")
    if word is None:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        raise MalformedError(
            "cursor is not one of ours; take it unchanged from `next`.", parameter="cursor"
        )
    return int(word)


def _wanted(request: Request) -> LotsWanted:
    form = LotFilter(request.query_params, queryset=Lot.objects.none()).form
    if not form.is_valid():
        raise ValidationError(form.errors.get_json_data())
    known = {column.name for column in fields(LotsWanted)}
    unknown = sorted(set(form.fields) & set(request.query_params) - known)
    if unknown:
        raise MalformedError(
            f"{', '.join(unknown)} narrows the present list only; leave it out.",
            parameter=unknown[0],
        )
    given = {name: form.cleaned_data.get(name) for name in known}
    return LotsWanted(**{name: None if value == "" else value for name, value in given.items()})
