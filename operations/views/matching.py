from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from intake.models import MatchRule
from intake.services import ManyOutcome, match_files, retry_files, try_rule
from operations.forms.files import MatchForm
from operations.forms.rules import RuleForm
from operations.selectors.unmatched import unmatched_queue
from operations.views.page import Page, picked_ids
from supplychain.base.errors import ForbiddenError, MissingError

TEXT_MAX = 64
REFUSED_SHOWN = 5


class UnmatchedPage(Page):
    """Test files that wait for a match; several are matched or tried again at once."""

    template_name = "operations/unmatched_files.html"
    title = "Unmatched files"
    right = "intake.view_rawfile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip().replace("\0", "")[:TEXT_MAX]
        after = picked_ids([self.request.GET.get("after", "")])
        may_match = self.may("intake.change_rawfile")
        parts = {
            "text": text,
            "queue": unmatched_queue(text, after[0] if after else 0),
            "may_match": may_match,
            "match_form": MatchForm() if may_match else None,
        }
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may("intake.change_rawfile"):
            raise ForbiddenError("Your role may not match files.")
        picked = picked_ids(request.POST.getlist("pick"))
        if not picked:
            return self.again("Tick one file or more first.")
        if request.POST.get("go") == "retry":
            return self.told(retry_files(file_ids=picked))
        form = MatchForm(request.POST)
        if not form.is_valid():
            return self.again("", match_form=form, picked=picked)
        return self.told(match_files(file_ids=picked, actor=self.person, **form.match()))

    def again(self, problem: str, **parts: Any) -> HttpResponseBase:
        context = self.get_context_data(problem=problem, **parts)
        return self.render_to_response(context, status=400)

    def told(self, outcome: ManyOutcome) -> HttpResponseBase:
        if outcome.done:
            messages.success(
                self.request, f"Files tried again: {outcome.done}. They load in a moment."
            )
        for name, reason in outcome.refused[:REFUSED_SHOWN]:
            messages.error(self.request, f"{name}: {reason}")
        if not outcome.done and not outcome.refused:
            messages.info(self.request, "The picked files wait no longer; nothing was changed.")
        return HttpResponseRedirect(reverse("operations:unmatched-files"))


class RuleTrialPage(Page):
    """A match rule tried on the files that are here, before it is saved."""

    template_name = "operations/rule_trial.html"
    title = "Try a match rule"
    right = "intake.view_matchrule"

    def rule(self) -> MatchRule | None:
        """The saved rule that the address names, if it names one."""
        picked = picked_ids([self.request.GET.get("rule", "")])
        if not picked:
            return None
        rule = MatchRule.objects.filter(pk=picked[0]).first()
        if rule is None:
            raise MissingError("There is no such match rule.")
        return rule

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rule = self.rule()
        parts = {
            "rule": rule,
            "rules": MatchRule.objects.all(),
            "form": RuleForm(instance=rule),
            "trial": None,
            "may_save": self.may_save(rule),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def may_save(self, rule: MatchRule | None) -> bool:
        return self.may("intake.change_matchrule" if rule else "intake.add_matchrule")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = RuleForm(request.POST, instance=self.rule())
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        trial = try_rule(form.save(commit=False))
        return self.render_to_response(self.get_context_data(form=form, trial=trial))


class RuleSavePage(RuleTrialPage):
    """Saves the rule that was tried. An address of its own: trying changes nothing, this does."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rule = self.rule()
        if not self.may_save(rule):
            raise ForbiddenError("Your role may try match rules, but not save them.")
        form = RuleForm(request.POST, instance=rule)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        saved = form.save()
        messages.success(
            request,
            f"Rule {saved.name} is saved. Files that fit it now are listed as unmatched until they "
            "are tried again.",
        )
        return HttpResponseRedirect(reverse("operations:unmatched-files"))
