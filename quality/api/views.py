from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from quality.api.filters import IssueFilter
from quality.api.serializers import (
    EffectivenessSerializer,
    IssueActSerializer,
    IssueDetailSerializer,
    IssueSerializer,
    SimilarIssueSerializer,
)
from quality.models import Issue, IssueEvent
from quality.selectors import issue_with_history, issues
from quality.selectors.effectiveness import effectiveness_of
from quality.selectors.likeness import similar_issues
from quality.services import (
    acknowledge_issue,
    assign_issue,
    comment_issue,
    dismiss_issue,
    investigate_issue,
    merge_issue,
    plan_issue,
    reopen_issue,
    resolve_issue,
    separate_issue,
    snooze_issue,
    verify_issue,
)
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import person_of
from supplychain.base.errors import ForbiddenError, MalformedError, MissingError

Answers = dict[str, Any]
Act = Callable[[Issue, User, Answers], IssueEvent]

FIGURES = "quality.view_yieldfigure"

ACTS: dict[str, tuple[str, Act]] = {
    "acknowledge": (
        "quality.acknowledge_issue",
        lambda issue, actor, said: acknowledge_issue(issue=issue, actor=actor, note=said["note"]),
    ),
    "investigate": (
        "quality.acknowledge_issue",
        lambda issue, actor, said: investigate_issue(issue=issue, actor=actor, note=said["note"]),
    ),
    "assign": (
        "quality.assign_issue",
        lambda issue, actor, said: assign_issue(
            issue=issue,
            owner=_owner(said["owner"]),
            actor=actor,
            due_on=said["due_on"],
            note=said["note"],
        ),
    ),
    "comment": (
        "quality.comment_issue",
        lambda issue, actor, said: comment_issue(issue=issue, actor=actor, note=said["note"]),
    ),
    "resolve": (
        "quality.resolve_issue",
        lambda issue, actor, said: resolve_issue(
            issue=issue, actor=actor, cause=said["cause"], note=said["note"]
        ),
    ),
    "dismiss": (
        "quality.dismiss_issue",
        lambda issue, actor, said: dismiss_issue(issue=issue, actor=actor, reason=said["note"]),
    ),
    "plan": (
        "quality.resolve_issue",
        lambda issue, actor, said: plan_issue(
            issue=issue,
            actor=actor,
            containment=said["containment"],
            corrective_action=said["corrective_action"],
            check_on=said["check_on"],
        ),
    ),
    "snooze": (
        "quality.resolve_issue",
        lambda issue, actor, said: snooze_issue(
            issue=issue, actor=actor, until=_until(said["until"]), reason=said["note"]
        ),
    ),
    "verify": (
        "quality.verify_issue",
        lambda issue, actor, said: verify_issue(issue=issue, actor=actor, note=said["note"]),
    ),
    "reopen": (
        "quality.reopen_issue",
        lambda issue, actor, said: reopen_issue(issue=issue, actor=actor, reason=said["note"]),
    ),
    "merge": (
        "quality.merge_issue",
        lambda issue, actor, said: merge_issue(
            issue=issue, into=_target(said["into"]), actor=actor, reason=said["note"]
        ),
    ),
    "separate": (
        "quality.merge_issue",
        lambda issue, actor, said: separate_issue(issue=issue, actor=actor, reason=said["note"]),
    ),
}
"""Act → the right it asks for, and what it does."""


@extend_schema(summary="Production issues, newest first")
class IssueListView(StrictQueryMixin, ListAPIView[Issue]):
    queryset = issues()
    serializer_class = IssueSerializer
    filterset_class = IssueFilter


class IssueDetailView(StrictQueryMixin, GenericAPIView[Issue]):
    queryset = issues()
    serializer_class = IssueDetailSerializer
    filter_backends = ()
    pagination_class = None

    @extend_schema(summary="One issue with its evidence and history")
    def get(self, request: Request, number: str) -> Response:
        return Response(IssueDetailSerializer(issue_with_history(number)).data)


class IssueActsView(StrictQueryMixin, GenericAPIView[Issue]):
    queryset = issues()
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": "quality.view_issue"}

    @extend_schema(
        summary="Acknowledge, assign, plan, snooze, merge, resolve, verify an issue, and so on",
        request=IssueActSerializer,
        responses={200: IssueDetailSerializer},
    )
    def post(self, request: Request, number: str) -> Response:
        said = IssueActSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        right, act = ACTS[said.validated_data["act"]]
        actor = person_of(request)
        _refuse_without(right, actor)
        act(issue_with_history(number), actor, said.validated_data)
        return Response(IssueDetailSerializer(issue_with_history(number)).data)


class SimilarIssuesView(StrictQueryMixin, GenericAPIView[Issue]):
    queryset = issues()
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        summary="Issues before it that are most alike, with what was found out and done then",
        responses={200: SimilarIssueSerializer(many=True)},
    )
    def get(self, request: Request, number: str) -> Response:
        similar = similar_issues(issue_with_history(number))
        return Response(SimilarIssueSerializer(similar, many=True).data)


class EffectivenessView(StrictQueryMixin, GenericAPIView[Issue]):
    queryset = issues()
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        summary="What came since an issue was resolved: lots, results, and whether its cause did",
        description="Of a resolved or verified issue; `since` is null of any other. At most 20 "
        "lots, the newest, and 20 issues; the counts are of all lots. Needs "
        "`quality.view_yieldfigure`, too.",
        responses={200: EffectivenessSerializer},
    )
    def get(self, request: Request, number: str) -> Response:
        _refuse_without(FIGURES, person_of(request))
        found = effectiveness_of(issue_with_history(number))
        return Response(EffectivenessSerializer(found).data)


def _refuse_without(right: str, person: User) -> None:
    if not person.has_perm(right):
        raise ForbiddenError(f"This needs the right {right}. Ask an administrator.", right=right)


def _target(number: str) -> Issue:
    if not number:
        raise MalformedError("Say into which issue.", field="into")
    return issue_with_history(number)


def _until(given: datetime | None) -> datetime:
    if given is None:
        raise MalformedError("Say until when.", field="until")
    return given


def _owner(name: str | None) -> User | None:
    if name is None:
        return None
    owner = User.objects.filter(username=name).first()
    if owner is None:
        raise MissingError(f"Nobody signs in as {name}.", owner=name)
    return owner
