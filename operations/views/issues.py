from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from lots.models import Hold
from notices.domain.words import Severity
from operations.forms.issues import (
    AssignForm,
    AttachForm,
    CommentForm,
    MergeForm,
    NoteForm,
    PlanForm,
    ReasonForm,
    ResolveForm,
    SnoozeForm,
)
from operations.selectors import issues as selectors
from operations.selectors.dispositions import PROPOSE, board_of
from operations.selectors.issue_history import history_of
from operations.services.disposition_acts import DISPOSITION_ACTS, OFFERS
from operations.services.issue_acts import ACTS, IssueAct, act_on_issues
from operations.views.page import Page, page_number, picked_ids
from quality.models import Issue
from quality.selectors.dispositions import holds_around
from quality.selectors.effectiveness import effectiveness_of
from quality.selectors.likeness import similar_issues
from quality.selectors.sightings import found_lots
from supplychain.base.errors import ForbiddenError, MissingError, SupplychainError

FORMS: dict[str, type[forms.Form]] = {
    "none": forms.Form,
    "note": NoteForm,
    "comment": CommentForm,
    "assign": AssignForm,
    "plan": PlanForm,
    "snooze": SnoozeForm,
    "merge": MergeForm,
    "resolve": ResolveForm,
    "reason": ReasonForm,
}


QUEUE_ACTS = ("take", "acknowledge", "assign", "resolve", "dismiss")


class IssueListPage(Page):
    """The queue: worst and newest first, narrowed by what stands in the address."""

    template_name = "operations/issue_list.html"
    title = "Issues"
    right = "quality.view_issue"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        wanted = selectors.QueueFilter(
            state=asked.get("state", "open"),
            severity=asked.get("severity", ""),
            rule=asked.get("rule", ""),
            owner=asked.get("owner", ""),
            text=asked.get("q", "").strip()[:100],
            page=page_number(asked.get("page", "")),
        )
        parts = {
            "wanted": wanted,
            "queue": selectors.issue_queue(wanted, self.person, timezone.now()),
            "states": selectors.STATES,
            "severities": list(Severity),
            "acts": [ACTS[name] for name in QUEUE_ACTS if self.may(ACTS[name].right)],
            "query": asked.urlencode(),
        }
        return super().get_context_data(**{**parts, **kwargs})


class IssuePage(Page):
    """One issue: evidence, history, and what can be done about it."""

    template_name = "operations/issue_detail.html"
    right = "quality.view_issue"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issue = selectors.issue_by_number(self.kwargs["number"])
        holds = list(holds_around(issue))
        acts = [act for act in ACTS.values() if act.fits(issue) and self.may(act.right)]
        parts = {
            "issue": issue,
            "title": f"Issue {issue.number}",
            "evidence": selectors.evidence_of(issue),
            "found": found_lots(issue),
            "sureness": selectors.sureness_of(issue),
            "may_see_rules": self.may("quality.view_rule"),
            "pattern": selectors.pattern_of(issue),
            "pictures": selectors.pictures_of(issue),
            "similar": similar_issues(issue),
            "merged": selectors.merged_into(issue),
            "may_see_money": self.may("finance.view_ledgerentry"),
            "effect": effectiveness_of(issue) if self.may("quality.view_yieldfigure") else None,
            "history": history_of(issue, holds),
            "acts": [act for act in acts if act.name != "comment"],
            "comment_form": CommentForm() if self.may("quality.comment_issue") else None,
        }
        if self.may("quality.view_issueattachment"):
            parts["attachments"] = selectors.files_of(issue)
            parts["may_withdraw_all"] = self.may("quality.unattach_issue")
            parts["attach_form"] = AttachForm() if self.may("quality.attach_issue") else None
        if self.may("quality.view_disposition"):
            parts |= self.dispositions(issue, holds)
        return super().get_context_data(**{**parts, **kwargs})

    def dispositions(self, issue: Issue, holds: Sequence[Hold]) -> dict[str, Any]:
        may_propose = issue.is_open and self.may(PROPOSE)
        return {
            "board": board_of(issue, self.person, holds),
            "offers": list(OFFERS.values()) if may_propose else [],
            "steps": DISPOSITION_ACTS,
            "may_hold": issue.is_open and self.may("lots.hold_lot"),
        }


class IssueActPage(Page):
    """Asks what an act needs to know, shows what it would do, and does it."""

    template_name = "operations/issue_act.html"
    right = "quality.view_issue"

    def act(self) -> IssueAct:
        act = ACTS.get(self.kwargs["act"])
        if act is None:
            raise MissingError("There is no such act on issues.")
        if not self.may(act.right):
            raise ForbiddenError(f"Your role may not do this: {act.title.lower()}.")
        return act

    def picked(self) -> list[Issue]:
        if "number" in self.kwargs:
            return [selectors.issue_by_number(self.kwargs["number"])]
        picked = self.request.POST.getlist("pick") or self.request.GET.getlist("pick")
        ids = picked_ids(picked)
        issues = selectors.issues_by_id(ids[:100])
        if not issues:
            raise MissingError("No issue was picked. Tick the issues first.")
        return issues

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act, picked = self.act(), self.picked()
        parts = {
            "title": act.title,
            "picked": picked,
            "unfit": [issue for issue in picked if not act.fits(issue)],
            "form": FORMS[act.form](initial=_said(picked)),
        }
        return super().get_context_data(**{**parts, **kwargs, "act": act})  # not its address word

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        act, picked = self.act(), self.picked()
        form = FORMS[act.form](request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            count = act_on_issues(
                act=act, issues=picked, actor=self.person, answers=form.cleaned_data
            )
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        return self.done(act, picked, count)

    def done(self, act: IssueAct, picked: list[Issue], count: int) -> HttpResponse:
        if len(picked) == 1:
            messages.success(self.request, f"{picked[0].number}: {act.title.lower()} is done.")
            return HttpResponseRedirect(reverse("operations:issue-detail", args=[picked[0].number]))
        messages.success(self.request, f"{act.title}: done for {count} issues.")
        return HttpResponseRedirect(reverse("operations:issue-list"))


def _said(picked: list[Issue]) -> dict[str, Any]:
    """What a single issue says already, to be changed."""
    if len(picked) != 1:
        return {}
    (issue,) = picked
    names = ("owner", "due_on", "containment", "corrective_action", "check_on")
    return {name: getattr(issue, name) for name in names}
