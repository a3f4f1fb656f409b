"""A run matched anew or taken back over HTTP, and what either would do."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from intake.services import (
    NewMatch,
    match_run_anew,
    take_back_run,
    try_match_anew,
    try_take_back,
)
from intake.services.rematching import RIGHT
from lots.domain.words import LotState
from lots.models import Lot
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import KEY, checked_body, operation_key, person_of
from supplychain.base.errors import MalformedError, MissingError
from testing.api.runs import RunDetailSerializer
from testing.models import Run
from testing.selectors import run_named, runs

REASON_CHARACTERS_MAX = 1000
WAFERS_MAX = 99
NAME_CHARACTERS_MAX = 120


class ReasonSerializer(serializers.Serializer[dict[str, Any]]):
    reason = serializers.CharField(max_length=REASON_CHARACTERS_MAX)


class PlaceSerializer(serializers.Serializer[dict[str, Any]]):
    """Without a lot, or without a step, the file and the match rules say which, as they are now."""

    lot = serializers.CharField(max_length=64, required=False, help_text="Lot code.")
    step = serializers.CharField(
        max_length=32, required=False, help_text="Code of a step on the lot's route."
    )
    wafers = serializers.DictField(
        child=serializers.CharField(max_length=NAME_CHARACTERS_MAX),
        required=False,
        help_text="A wafer as the file names it, and the code of ours; only where it is wrong.",
    )


class NewMatchSerializer(PlaceSerializer, ReasonSerializer):
    """Where the file belongs, and why it is matched anew."""


class StepFiguresSerializer(serializers.Serializer[Any]):
    """Units of a lot at a step, over all runs that count."""

    units = serializers.IntegerField()
    first_passed = serializers.IntegerField()
    final_passed = serializers.IntegerField()


class StepEffectSerializer(serializers.Serializer[Any]):
    lot = serializers.CharField()
    step = serializers.CharField()
    before = StepFiguresSerializer()
    after = StepFiguresSerializer()


class RematchTrialSerializer(serializers.Serializer[Any]):
    """effects: of the lot step that the run leaves, and of the one it comes to."""

    effects = StepEffectSerializer(many=True)
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What fits badly, though it can be loaded."
    )


class RunActView(StrictQueryMixin, GenericAPIView[Run]):
    """Shared: who may decide about unmatched files may do this."""

    queryset = runs()
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": RIGHT}


class MatchAnewView(RunActView):
    @extend_schema(
        summary="Match a run anew: it is taken back, and its file loaded where it belongs",
        description="Both in one transaction. The answer is the run that stands now.",
        request=NewMatchSerializer,
        responses={201: RunDetailSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request, name: str) -> Response:
        key = operation_key(request)
        asked = checked_body(request, NewMatchSerializer)
        fresh = match_run_anew(
            run=run_named(name),
            to=new_match(asked),
            reason=asked["reason"],
            actor=person_of(request),
            op_key=key,
        )
        return Response(_shown(fresh), status=status.HTTP_201_CREATED)


class MatchAnewTrialView(RunActView):
    @extend_schema(
        summary="What matching a run anew would do; nothing is changed",
        request=PlaceSerializer,
        responses={200: RematchTrialSerializer},
    )
    def post(self, request: Request, name: str) -> Response:
        asked = checked_body(request, PlaceSerializer)
        found = try_match_anew(run=run_named(name), to=new_match(asked), actor=person_of(request))
        return Response(RematchTrialSerializer(found).data)


class TakeBackView(RunActView):
    @extend_schema(
        summary="Take a run back: it counts no more, and its file waits to be matched",
        request=ReasonSerializer,
        responses={200: RunDetailSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request, name: str) -> Response:
        key = operation_key(request)
        asked = checked_body(request, ReasonSerializer)
        run = take_back_run(
            run=run_named(name), reason=asked["reason"], actor=person_of(request), op_key=key
        )
        return Response(_shown(run))


class TakeBackTrialView(RunActView):
    @extend_schema(
        summary="What taking a run back would do; nothing is changed",
        request=None,
        responses={200: RematchTrialSerializer},
    )
    def post(self, request: Request, name: str) -> Response:
        found = try_take_back(run=run_named(name), actor=person_of(request))
        return Response(RematchTrialSerializer(found).data)


def new_match(asked: dict[str, Any]) -> NewMatch:
    """Our lot and step behind the names. MissingError for a lot, MalformedError for the rest."""
    wafers = asked.get("wafers", {})
    if len(wafers) > WAFERS_MAX or any(len(name) > NAME_CHARACTERS_MAX for name in wafers):
        raise MalformedError(
            f"Name at most {WAFERS_MAX} wafers, by at most {NAME_CHARACTERS_MAX} characters.",
            field="wafers",
        )
    if "lot" not in asked:
        if "step" in asked:
            raise MalformedError("Name the lot whose step that is.", field="lot")
        return NewMatch(wafers=wafers)
    lots = Lot.objects.exclude(state=LotState.WITHDRAWN).select_related("product", "route_version")
    lot = lots.filter(code=asked["lot"]).first()
    if lot is None:
        raise MissingError(f"There is no lot {asked['lot']}.")
    if "step" not in asked:
        return NewMatch(lot, wafers=wafers)
    step = lot.route_version.steps.filter(code=asked["step"]).first()
    if step is None:
        raise MalformedError(
            f"Step {asked['step']} is not on {lot.route_version}, the route of lot {lot.code}.",
            field="step",
        )
    return NewMatch(lot, step, wafers)


def _shown(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = RunDetailSerializer(run_named(run.key)).data
    return found
