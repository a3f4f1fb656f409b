from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.domain.posting_table import TABLE
from finance.domain.queries import period_code
from finance.models import PostingRules
from finance.selectors.closing import period_by_code
from finance.selectors.rule_trials import rule_trial
from finance.selectors.rules import changes_by, rules_before, rules_by_code
from finance.selectors.told import told_rules
from finance.services import approve_posting_rules
from operations.selectors.posting_rules import rules_lines, stage_view
from operations.views.books import VIEW, BooksPage
from operations.views.page import seen_of
from supplychain.base.errors import SupplychainError
from supplychain.base.snapshots import snapshot

LOOK = "finance.view_postingrules"
PREPARE = "finance.add_postingrules"
APPROVE = "finance.approve_postingrules"
EVENTS_SHOWN = 100


class RulesListPage(BooksPage):
    """Every version of the reasons of scrap, and where lots at each step are valued."""

    template_name = "operations/posting_rules_list.html"
    title = "Posting rules"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = rules_lines(self.books.today())
        parts = {
            "lines": lines,
            "drafts": [line for line in lines if line.state == "draft"],
            "stages": stage_view(),
            "may_prepare": self.may(PREPARE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class RulesPage(BooksPage):
    """One version: what it says of reasons, what that changes, and its approval by another."""

    template_name = "operations/posting_rules_version.html"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = rules_by_code(self.kwargs["code"])
        is_draft = rules.approved_at is None
        parts = {
            "rules": rules,
            "title": f"Posting rules {rules.code}",
            "before": rules_before(rules),
            "changes": changes_by(rules),
            "reasons": list(rules.reasons.order_by("reason")),
            "seen": told_rules(rules).sha256,
            **self.tried(rules),
            "may_approve": self.may(APPROVE) and is_draft,
            "may_give_up": self.may(PREPARE) and is_draft,
            "may_change": self.may(PREPARE) and is_draft and rules.prepared_by == self.person,
        }
        return super().get_context_data(**{**parts, **kwargs})

    def tried(self, rules: PostingRules) -> dict[str, Any]:
        """What the period asked for would have had by them; nothing where none is asked for."""
        if "period" not in self.given or not self.may(VIEW):
            return {"may_try": self.may(VIEW)}
        with snapshot():
            trial = rule_trial(rules, period_by_code(period_code(self.given)))
        shown = trial.events[:EVENTS_SHOWN]
        return {
            "may_try": True,
            "trial": trial,
            "events": shown,
            "hidden": len(trial.events) - len(shown),
        }


class RulesApproval(RulesPage):
    """Approves once the person agrees; only by posting."""

    right: ClassVar[str] = APPROVE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            rules = approve_posting_rules(
                rules=rules_by_code(self.kwargs["code"]),
                approver=self.person,
                seen=seen_of(request),
            )
        except SupplychainError as error:
            return self.render_to_response(self.get_context_data(error=error), status=error.status)
        messages.success(
            request, f"Approved: {rules.code} apply from {rules.effective_on}, and are frozen."
        )
        return HttpResponseRedirect(
            reverse("operations:finance-posting-rules-version", args=[rules.code])
        )


class PostingTablePage(BooksPage):
    """Which event posts which accounts."""

    template_name = "operations/posting_table.html"
    title = "Which event posts which accounts"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"rows": TABLE, **kwargs})
