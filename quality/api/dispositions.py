"""Material review over HTTP: propose, read, sign, refuse, withdraw, carry out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.commands import command_now
from lots.api.shapes import serial_list, text, wafer_list
from lots.domain.commands import Command
from quality.domain.dispositions import REASON_CHARACTERS_MAX, DispositionOrder
from quality.domain.words import DispositionKind, DispositionState, DispositionStep
from quality.models import Disposition, Signature
from quality.selectors import issue_with_history
from quality.selectors.dispositions import disposition_by_number, dispositions, signable_by
from quality.services import (
    carry_out_disposition,
    propose_disposition,
    refuse_disposition,
    sign_disposition,
    withdraw_disposition,
)
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import (
    KEY,
    checked_body,
    person_of,
    refuse_without,
)
from supplychain.base.choices import choices

StepOf = Callable[[Disposition, Command, str], Disposition]
STEPS: dict[str, tuple[str, StepOf]] = {
    DispositionStep.SIGN: (
        "quality.sign_disposition",
        lambda row, command, note: sign_disposition(disposition=row, command=command, note=note),
    ),
    DispositionStep.REFUSE: (
        "quality.sign_disposition",
        lambda row, command, note: refuse_disposition(
            disposition=row, command=command, reason=note
        ),
    ),
    DispositionStep.WITHDRAW: (
        "quality.propose_disposition",
        lambda row, command, note: withdraw_disposition(
            disposition=row, command=command, reason=note
        ),
    ),
    DispositionStep.CARRY_OUT: (
        "quality.carry_out_disposition",
        lambda row, command, _: carry_out_disposition(disposition=row, command=command),
    ),
}
"""Act → the right it asks for, and what it does."""


class SignatureSerializer(serializers.ModelSerializer[Signature]):
    role = serializers.CharField(source="role.name")
    person = serializers.CharField(source="person.username", default=None, allow_null=True)

    class Meta:
        model = Signature
        fields = ["role", "person", "signed_at", "is_refusal", "note"]


class DispositionSerializer(serializers.ModelSerializer[Disposition]):
    number = serializers.CharField()
    issue = serializers.CharField(source="issue.number")
    lot = serializers.CharField(source="lot.code")
    wafers = serializers.ListField(child=serializers.IntegerField(), help_text="Empty: no part.")
    serials = serializers.ListField(child=serializers.CharField(), help_text="Empty: no part.")
    details = serializers.DictField(
        child=serializers.CharField(), help_text="What the kind names beside the material."
    )
    proposed_by = serializers.CharField(source="proposed_by.username")
    ended_by = serializers.CharField(source="ended_by.username", default=None, allow_null=True)
    signatures = SignatureSerializer(many=True, help_text="Those it needs, given or not.")

    class Meta:
        model = Disposition
        fields = [
            "number", "issue", "kind", "lot", "wafers", "serials", "quantity", "details", "reason",
            "state", "proposed_by", "proposed_at", "ended_by", "ended_at", "end_note", "signatures",
        ]  # fmt: skip


class ProposalSerializer(serializers.Serializer[dict[str, Any]]):
    """The whole lot, unless wafers or serials are named. The lot is on hold for the issue."""

    kind = serializers.ChoiceField(choices=choices(DispositionKind))
    lot = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=REASON_CHARACTERS_MAX)
    wafers = wafer_list()
    serials = serial_list()
    step = text(64, help_text="Of a retest: where it begins. Of a rework: on its route.")
    route = text(64, help_text="Of a rework.")
    return_step = text(64, help_text="Of a rework: where the lot comes back.")
    reason_code = text(64, help_text="Of a rework: one of the reason codes.")
    to = text(64, help_text="Of a return to vendor: code of the company.")


class DispositionActSerializer(serializers.Serializer[dict[str, Any]]):
    """note: why, for refuse and withdraw; what one likes for sign."""

    act = serializers.ChoiceField(choices=choices(DispositionStep))
    note = text(REASON_CHARACTERS_MAX)


class DispositionFilter(filters.FilterSet):
    """What people narrow the list to."""

    issue = filters.CharFilter("issue__number", max_length=16, label="Issue number.")
    lot = filters.CharFilter("lot__code", max_length=64, label="Lot code.")
    kind = filters.ChoiceFilter(choices=choices(DispositionKind))
    state = filters.ChoiceFilter(choices=choices(DispositionState))
    waits_for_me = filters.BooleanFilter(
        method="by_waiting", label="Whether you could sign it now."
    )

    class Meta:
        model = Disposition
        fields: list[str] = []

    def by_waiting(
        self, queryset: QuerySet[Disposition], name: str, value: bool
    ) -> QuerySet[Disposition]:
        wanted = signable_by(person_of(self.request)).values("disposition")
        return queryset.filter(pk__in=wanted) if value else queryset.exclude(pk__in=wanted)


@extend_schema(summary="Dispositions of material, newest first")
class DispositionListView(StrictQueryMixin, ListAPIView[Disposition]):
    queryset = dispositions()
    serializer_class = DispositionSerializer
    filterset_class = DispositionFilter


class DispositionDetailView(StrictQueryMixin, GenericAPIView[Disposition]):
    queryset = dispositions()
    serializer_class = DispositionSerializer
    filter_backends = ()
    pagination_class = None

    @extend_schema(summary="One disposition with its signatures")
    def get(self, request: Request, number: str) -> Response:
        return Response(DispositionSerializer(disposition_by_number(number)).data)


class IssueDispositionsView(StrictQueryMixin, GenericAPIView[Disposition]):
    queryset = dispositions()
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": "quality.propose_disposition"}

    @extend_schema(
        summary="Propose what becomes of material on hold for the issue",
        request=ProposalSerializer,
        responses={201: DispositionSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request, number: str) -> Response:
        asked = checked_body(request, ProposalSerializer)
        order = DispositionOrder(
            **{
                **asked,
                "kind": DispositionKind(asked["kind"]),
                "wafers": tuple(asked["wafers"]),
                "serials": tuple(asked["serials"]),
            }
        )
        row = propose_disposition(
            issue=issue_with_history(number),
            order=order,
            command=command_now(request, {**asked, "issue": number}),
        )
        return Response(_shown(row), status=status.HTTP_201_CREATED)


class DispositionActsView(StrictQueryMixin, GenericAPIView[Disposition]):
    queryset = dispositions()
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": "quality.view_disposition"}

    @extend_schema(
        summary="Sign, refuse, withdraw or carry out a disposition",
        request=DispositionActSerializer,
        responses={200: DispositionSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request, number: str) -> Response:
        asked = checked_body(request, DispositionActSerializer)
        right, step = STEPS[asked["act"]]
        refuse_without(request, right)
        command = command_now(request, {**asked, "disposition": number})
        return Response(_shown(step(disposition_by_number(number), command, asked["note"])))


def _shown(row: Disposition) -> dict[str, Any]:
    found: dict[str, Any] = DispositionSerializer(disposition_by_number(row.number)).data
    return found
