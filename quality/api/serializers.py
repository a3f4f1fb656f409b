from __future__ import annotations

from rest_framework import serializers

from quality.models import Issue, IssueEvent

NOTE_CHARACTERS_MAX = 10_000


class IssueSerializer(serializers.ModelSerializer[Issue]):
    rule = serializers.CharField(source="rule.code")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    lot = serializers.CharField(source="lot.code", default=None, allow_null=True)
    step = serializers.CharField(source="step.code", default=None, allow_null=True)
    wafer = serializers.CharField(source="wafer.code", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.serial", default=None, allow_null=True)

    class Meta:
        model = Issue
        fields = [
            "number", "rule", "cause_key", "title", "severity", "state", "owner", "lot", "step",
            "wafer", "unit", "opened_at", "found_at", "cleared_at", "closed_at", "cause",
            "resolution", "containment", "corrective_action", "check_on", "snoozed_until",
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
    events = IssueEventSerializer(many=True)

    class Meta(IssueSerializer.Meta):
        fields = [*IssueSerializer.Meta.fields, "previous", "closed_by", "evidence", "events"]


class IssueActSerializer(serializers.Serializer[object]):
    """What to do with an issue. owner: for assign, a sign-in name, or null for nobody.

    containment, corrective_action, check_on: for plan, all three anew. until: for snooze.
    """

    act = serializers.ChoiceField(
        [
            "acknowledge", "investigate", "assign", "comment", "plan", "snooze", "resolve",
            "dismiss", "verify", "reopen",
        ]
    )  # fmt: skip
    note = serializers.CharField(max_length=NOTE_CHARACTERS_MAX, default="", allow_blank=True)
    cause = serializers.CharField(max_length=200, default="", allow_blank=True)
    owner = serializers.CharField(max_length=150, default=None, allow_null=True)
    containment = serializers.CharField(
        max_length=NOTE_CHARACTERS_MAX, default="", allow_blank=True
    )
    corrective_action = serializers.CharField(
        max_length=NOTE_CHARACTERS_MAX, default="", allow_blank=True
    )
    check_on = serializers.DateField(default=None, allow_null=True)
    until = serializers.DateTimeField(default=None, allow_null=True)
