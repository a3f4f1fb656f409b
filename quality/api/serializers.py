from __future__ import annotations

from typing import Any

from rest_framework import serializers

from quality.domain.words import IssueState
from quality.models import Issue, IssueEvent
from quality.selectors.sightings import found_lots
from supplychain.base.choices import choices

NOTE_CHARACTERS_MAX = 10_000


class IssueSerializer(serializers.ModelSerializer[Issue]):
    rule = serializers.CharField(source="rule.code")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    lot = serializers.CharField(source="lot.code", default=None, allow_null=True)
    step = serializers.CharField(source="step.code", default=None, allow_null=True)
    wafer = serializers.CharField(source="wafer.code", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.serial", default=None, allow_null=True)
    merged_into = serializers.CharField(source="merged_into.number", default=None, allow_null=True)
    q_value = serializers.FloatField(
        source="weighing.q_value", default=None, allow_null=True, read_only=True,
        help_text="Of the flags of its week that are at least as sure, at most this share is "
        "false; null for what does not go by chance.",
    )  # fmt: skip

    class Meta:
        model = Issue
        fields = [
            "number", "rule", "cause_key", "title", "severity", "state", "owner", "lot", "step",
            "wafer", "unit", "is_escalated", "q_value", "units_at_risk", "opened_at", "found_at",
            "cleared_at", "closed_at", "cause", "resolution", "containment",
            "corrective_action", "due_on", "check_on", "snoozed_until", "merged_into",
        ]  # fmt: skip


class IssueEventSerializer(serializers.ModelSerializer[IssueEvent]):
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)

    class Meta:
        model = IssueEvent
        fields = [
            "at",
            "recorded_at",
            "actor",
            "kind",
            "state_from",
            "state_to",
            "note",
            "evidence",
        ]


class IssueDetailSerializer(IssueSerializer):
    previous = serializers.CharField(source="previous.number", default=None, allow_null=True)
    closed_by = serializers.CharField(source="closed_by.username", default=None, allow_null=True)
    found_in = serializers.ListField(
        source="found_codes", child=serializers.CharField(), read_only=True,
        help_text="Lots in which the detector finds it now, the first ten by code.",
    )  # fmt: skip
    found_count = serializers.SerializerMethodField(help_text="Lots in which it is found now.")
    events = IssueEventSerializer(many=True)

    class Meta(IssueSerializer.Meta):
        fields = [
            *IssueSerializer.Meta.fields, "found_in", "found_count", "previous", "closed_by",
            "evidence", "events",
        ]  # fmt: skip

    def get_found_count(self, issue: Issue) -> int:
        return found_lots(issue).count


class SimilarIssueSerializer(serializers.Serializer[Any]):
    """An issue of before. shared: what both have in common, most telling first, in words.

    weight: how much that is; more is more alike.
    """

    number = serializers.CharField(source="issue.number")
    title = serializers.CharField(source="issue.title")
    state = serializers.ChoiceField(source="issue.state", choices=choices(IssueState))
    opened_at = serializers.DateTimeField(source="issue.opened_at")
    cause = serializers.CharField(source="issue.cause")
    corrective_action = serializers.CharField(source="issue.corrective_action")
    resolution = serializers.CharField(source="issue.resolution")
    weight = serializers.IntegerField(source="likeness.weight")
    shared = serializers.ListField(source="likeness.shared", child=serializers.CharField())


class LotSinceSerializer(serializers.Serializer[Any]):
    """passed: by the deciding insertion. found: issues of the same rule on the lot there."""

    lot = serializers.CharField(source="code")
    started_at = serializers.DateTimeField()
    tested = serializers.IntegerField()
    passed = serializers.IntegerField()
    found = serializers.ListField(child=serializers.CharField())


class EffectivenessSerializer(serializers.Serializer[Any]):
    """lots: of the product at the step, first tested since. found: issues of the very cause, and of
    the same rule on these lots.
    """

    since = serializers.DateTimeField(allow_null=True, help_text="When it was resolved.")
    lot_count = serializers.IntegerField()
    tested = serializers.IntegerField()
    passed = serializers.IntegerField()
    lots = LotSinceSerializer(many=True)
    found = serializers.ListField(source="found_numbers", child=serializers.CharField())


class IssueActSerializer(serializers.Serializer[object]):
    """What to do with an issue. owner, due_on: for assign, both anew.

    owner: a sign-in name, or null for nobody. containment, corrective_action, check_on: for plan,
    all three anew. until: for snooze. into: for merge, the number of the open issue that stands for
    this one from then on.
    """

    act = serializers.ChoiceField(
        [
            "acknowledge", "investigate", "assign", "comment", "plan", "snooze", "resolve",
            "dismiss", "verify", "reopen", "merge", "separate",
        ]
    )  # fmt: skip
    note = serializers.CharField(max_length=NOTE_CHARACTERS_MAX, default="", allow_blank=True)
    cause = serializers.CharField(max_length=200, default="", allow_blank=True)
    owner = serializers.CharField(max_length=150, default=None, allow_null=True)
    due_on = serializers.DateField(default=None, allow_null=True)
    into = serializers.CharField(max_length=16, default="", allow_blank=True)
    containment = serializers.CharField(
        max_length=NOTE_CHARACTERS_MAX, default="", allow_blank=True
    )
    corrective_action = serializers.CharField(
        max_length=NOTE_CHARACTERS_MAX, default="", allow_blank=True
    )
    check_on = serializers.DateField(default=None, allow_null=True)
    until = serializers.DateTimeField(default=None, allow_null=True)
