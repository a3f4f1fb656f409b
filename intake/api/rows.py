from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intake.domain.words import RowState
from intake.models import FeedRow, RawFile
from intake.selectors import row_of_file
from intake.services import drop_rows, repair_row, replay_rows
from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices
from supplychain.base.errors import MalformedError, MissingError

ROWS_A_REQUEST_MAX = 1000
DECIDE = "intake.change_feedrow"


def _person(request: Request) -> AbstractBaseUser:
    assert isinstance(request.user, AbstractBaseUser), "rights were asked for before"
    return request.user


class FeedRowSerializer(serializers.ModelSerializer[FeedRow]):
    content = serializers.JSONField()
    original = serializers.JSONField(allow_null=True)

    class Meta:
        model = FeedRow
        fields = [
            "number", "line_count", "op_key", "state", "reason", "awaits", "occurred_at",
            "content", "original", "settled_at",
        ]  # fmt: skip


class DecisionSerializer(serializers.Serializer[Any]):
    """Several rows at once. numbers: of the file; all are dropped, or none."""

    act = serializers.ChoiceField(choices=["replay", "drop"])
    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=ROWS_A_REQUEST_MAX
    )
    reason = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)


class DecidedSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()


class RepairSerializer(serializers.Serializer[Any]):
    """The row as it should be, whole; `text` for a line that could not be read."""

    content = serializers.DictField()


class FeedRowListView(StrictQueryMixin, ListAPIView[FeedRow]):
    """Rows of one report, and what a person decides of several."""

    queryset = FeedRow.objects.none()
    serializer_class = FeedRowSerializer
    query_parameters = frozenset({"state"})
    rights: ClassVar[dict[str, str]] = {"POST": DECIDE}

    def get_queryset(self) -> Any:
        file = get_object_or_404(RawFile, sha256=self.kwargs["sha256"])
        rows = file.rows.order_by("-id")
        state = self.request.query_params.get("state", "")
        if state and state not in set(RowState):
            raise MalformedError(f"{state!r} is no state of a row.", parameter="state")
        return rows.filter(state=state) if state else rows

    @extend_schema(
        summary="Rows of a report, the last first",
        parameters=[OpenApiParameter("state", str, enum=[one for one, _ in choices(RowState)])],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Try rows again, or drop them with a reason",
        request=DecisionSerializer,
        responses=DecidedSerializer,
        filters=False,
        parameters=[OpenApiParameter("state", exclude=True)],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        wish = DecisionSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        numbers = set(wish.validated_data["numbers"])
        file = get_object_or_404(RawFile, sha256=self.kwargs["sha256"])
        rows = list(file.rows.filter(number__in=numbers))
        unknown = sorted(numbers - {row.number for row in rows})
        if unknown:
            raise MissingError(f"The file has no row {unknown[0]}.", numbers=unknown[:10])
        if wish.validated_data["act"] == "drop":
            reason = wish.validated_data["reason"]
            count = drop_rows(rows=rows, reason=reason, actor=_person(request))
        else:
            count = replay_rows(rows=rows, actor=_person(request))
        return Response({"rows": count})


class FeedRowView(StrictQueryMixin, APIView):
    """One row."""

    queryset = FeedRow.objects.none()
    rights: ClassVar[dict[str, str]] = {"PUT": DECIDE}

    @extend_schema(summary="One row of a report", responses=FeedRowSerializer)
    def get(self, request: Request, sha256: str, number: int) -> Response:
        return Response(FeedRowSerializer(row_of_file(sha256, number)).data)

    @extend_schema(
        summary="Repair a row and try it again",
        request=RepairSerializer,
        responses=FeedRowSerializer,
    )
    def put(self, request: Request, sha256: str, number: int) -> Response:
        wish = RepairSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        row = repair_row(
            row=row_of_file(sha256, number),
            content=wish.validated_data["content"],
            actor=_person(request),
        )
        return Response(FeedRowSerializer(row).data)
