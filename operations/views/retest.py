from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from operations.forms.retest import PolicyForm, RetestRuleForm
from operations.selectors.lots import lot_by_code
from operations.selectors.retest import retest_view, rule_lines
from operations.views.page import Page
from supplychain.base.errors import ForbiddenError, MissingError, SupplychainError
from testing.domain.words import RetestPolicy
from testing.services import (
    approve_retest_rule,
    change_policy,
    prepare_retest_rule,
    withdraw_retest_rule,
)

PREPARE = "testing.add_retestrule"
APPROVE = "testing.approve_retestrule"
RESTATE = "testing.restate_lotstep"


class RetestRulesPage(Page):
    """Which retest policy new lot steps get, by product and step; and a form for another one."""

    template_name = "operations/retest_rules.html"
    title = "Retest rules"
    right = "testing.view_retestrule"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "lines": rule_lines(timezone.now()),
            "may_approve": self.may(APPROVE),
            "may_prepare": self.may(PREPARE),
        }
        if self.may(PREPARE):
            parts["form"] = RetestRuleForm()
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may(PREPARE):
            raise ForbiddenError("Your role may not prepare retest rules.")
        form = RetestRuleForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        said = form.cleaned_data
        try:
            prepare_retest_rule(
                product=said["product"],
                step_code=said["step_code"],
                policy=RetestPolicy(said["policy"]),
                valid_from=said["valid_from"],
                reason=said["reason"],
                actor=self.person,
            )
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, "Prepared. Nothing follows it until another person approves it.")
        return HttpResponseRedirect(reverse("operations:retest-rules"))


class RetestRuleActPage(Page):
    """Approves or withdraws one rule and goes back; a refusal is told on a page."""

    right = "testing.view_retestrule"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("operations:retest-rules"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rule_id, act = self.kwargs["rule_id"], self.kwargs["act"]
        if act == "approve":
            rule = approve_retest_rule(rule_id=rule_id, actor=self.person)
            messages.success(request, f"Approved: {rule}.")
        elif act == "withdraw":
            withdraw_retest_rule(rule_id=rule_id, actor=self.person)
            messages.success(request, "Withdrawn.")
        else:
            raise MissingError("There is no such act on retest rules.")
        return HttpResponseRedirect(reverse("operations:retest-rules"))


class LotRetestPage(Page):
    """A lot step under every retest policy side by side, before anyone changes it."""

    template_name = "operations/lot_retest.html"
    right = "testing.view_unitresult"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lot = lot_by_code(self.kwargs["code"])
        view = retest_view(lot, self.request.GET.get("step", ""), timezone.now())
        parts: dict[str, Any] = {
            "lot": lot,
            "view": view,
            "title": f"Retest policy of {lot.code} at {view.lot_step.step.code}",
        }
        if self.may(RESTATE):
            parts["form"] = PolicyForm(initial={"policy": view.lot_step.policy})
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may(RESTATE):
            raise ForbiddenError("Your role may not change the retest policy of a lot step.")
        form = PolicyForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        lot = lot_by_code(self.kwargs["code"])
        view = retest_view(lot, request.GET.get("step", ""), timezone.now())
        try:
            lot_step = change_policy(
                lot_step_id=view.lot_step.pk,
                policy=RetestPolicy(form.cleaned_data["policy"]),
                reason=form.cleaned_data["reason"],
                actor=self.person,
            )
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(
            request,
            f"Restated under {lot_step.policy}: {lot_step.final_pass_count} of "
            f"{lot_step.unit_count} units pass. Yields follow within a minute.",
        )
        asked = urlencode({"lot": lot.code, "step": view.lot_step.step.code})
        return HttpResponseRedirect(f"{reverse('operations:restatement-list')}?{asked}")
