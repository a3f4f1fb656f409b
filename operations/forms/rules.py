from __future__ import annotations

from django import forms

from intake.models import MatchRule


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A match rule, to be tried before it is saved."""

    class Meta:
        model = MatchRule
        fields = (
            "name",
            "priority",
            "step_code",
            "file_pattern",
            "tester_pattern",
            "program_pattern",
            "flow_pattern",
            "part_type_pattern",
            "folder_pattern",
            "mode_pattern",
            "retest_pattern",
            "sublot_pattern",
            "temperature_pattern",
            "is_enabled",
        )
