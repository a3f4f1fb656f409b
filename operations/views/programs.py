from __future__ import annotations

from typing import Any

from operations.selectors.programs import (
    comparison,
    earlier_revision,
    program_revision,
    sibling_revisions,
)
from operations.views.page import Page, picked_ids


class ProgramPage(Page):
    """A program revision: its release, its sisters, and what it changes against one of them."""

    template_name = "operations/program_detail.html"
    right = "testing.view_programrevision"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        revision = program_revision(self.kwargs["revision_id"])
        picked = picked_ids([self.request.GET.get("with", "")])
        before = program_revision(picked[0]) if picked else earlier_revision(revision)
        parts = {
            "revision": revision,
            "title": f"Program {revision}",
            "siblings": sibling_revisions(revision),
            "compared": comparison(before, revision) if before else None,
        }
        return super().get_context_data(**{**parts, **kwargs})
