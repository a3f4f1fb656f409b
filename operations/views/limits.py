from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from operations.forms.limits import LimitForm, PrepareForm
from operations.selectors.charts import chart_address, value_head
from operations.selectors.limits import KIND_WORDS, issues_open_on, level, limit_lines, trial
from operations.views.page import Page
from quality.domain.control import CHART_KINDS
from quality.domain.figures import figure_of
from quality.domain.limit_sets import LimitAsked
from quality.domain.measures import COUNTED, Measure
from quality.domain.words import LimitKind
from quality.selectors.control_charts import unit_of
from quality.selectors.limit_asking import asked_for
from quality.selectors.limit_history import history_lots, proposal
from quality.selectors.limit_versions import asked_by, limit_version, limits_of, siblings
from quality.services import approve_limit, prepare_limit, withdraw_limit
from supplychain.base.errors import MissingError, SupplychainError

VIEW = "quality.view_limitversion"
PREPARE = "quality.add_limitversion"
APPROVE = "quality.approve_limitversion"
LEFT_OUT = "out-"


class LimitListPage(Page):
    """Every limit with its versions, and which of them counts."""

    template_name = "operations/limit_list.html"
    title = "Limits"
    right = VIEW

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = {"lines": limit_lines(timezone.now()), "may_prepare": self.may(PREPARE)}
        return super().get_context_data(**{**parts, **kwargs})


class LimitEditorPage(Page):
    """Computes a limit from history, shows what it would have held, and prepares a version."""

    template_name = "operations/limit_new.html"
    title = "Prepare a limit"
    right = PREPARE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.POST or self.request.GET
        form = LimitForm(words) if "product" in words else LimitForm()
        parts: dict[str, Any] = {"form": form, "prepare": PrepareForm()}
        if form.is_bound and form.is_valid():
            try:
                parts |= preview(asked_for(form.words()), left_out(words))
            except SupplychainError as error:
                parts["error"] = error
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.POST.get("go") == "show":
            return self.render_to_response(self.get_context_data())
        form, prepare = LimitForm(request.POST), PrepareForm(request.POST)
        if not (form.is_valid() and prepare.is_valid()):
            return self.render_to_response(self.get_context_data(prepare=prepare))
        try:
            version = prepare_limit(
                asked=asked_for(form.words()),
                left_out=left_out(request.POST),
                reason=prepare.cleaned_data["reason"],
                valid_from=prepare.cleaned_data["valid_from"],
                actor=self.person,
            )
        except SupplychainError as error:
            context = self.get_context_data(prepare=prepare, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, "Prepared. Nothing follows it until another person approves it.")
        return HttpResponseRedirect(reverse("operations:limit-detail", args=[version.pk]))


def left_out(words: QueryDict) -> dict[str, str]:
    """Lot code → why, of the lots that somebody gave a reason for."""
    given = {
        name.removeprefix(LEFT_OUT): str(words[name]).strip()
        for name in words
        if name.startswith(LEFT_OUT)
    }
    return {code: why for code, why in given.items() if why}


def preview(asked: LimitAsked, without: dict[str, str]) -> dict[str, Any]:
    """What history proposes, and what it would have held."""
    lots = history_lots(asked, without)
    found = proposal(asked, lots)
    parts = {
        **columns_of(asked),
        "asked": asked,
        "lots": lots,
        "issues": issues_open_on(asked, [lot.lot_code for lot in lots if not lot.left_out]),
        "used": sum(not lot.left_out for lot in lots),
    }
    if found is None:
        return {**parts, "is_without": True}
    return {
        **parts,
        "found": found,
        "low": level(asked.kind, asked.subject, found.low),
        "middle": level(asked.kind, asked.subject, found.middle),
        "high": level(asked.kind, asked.subject, found.high),
        "trial": trial(asked, found),
    }


def columns_of(asked: LimitAsked) -> dict[str, Any]:
    """Of tables of lots. head: over the values. size: what a lot is counted in; empty: nothing."""
    if asked.kind not in CHART_KINDS:
        return {"head": "Share, %", "size": "units", "is_share": True, "is_measured": False}
    figure = figure_of(asked.subject)
    return {
        "head": value_head(asked.subject, unit_of(asked)),
        "size": figure.size,
        "is_share": figure.measure is Measure.SHARE,
        "is_measured": figure.measure not in COUNTED,
        "is_time": figure.measure is Measure.DURATION,
    }


class LimitPage(Page):
    """One version: its history, what it would have held, and its sisters."""

    template_name = "operations/limit_detail.html"
    right = VIEW

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = limit_version(self.kwargs["pk"])
        lines = limit_lines(timezone.now(), list(siblings(version)))
        line = next(one for one in lines if one.version.pk == version.pk)
        is_draft = version.approved_at is None
        parts = {
            "version": version,
            "title": str(version),
            "kind_words": KIND_WORDS[LimitKind(version.kind)],
            "line": line,
            "chart": chart_address(version),
            "middle": level(version.kind, version.subject, version.middle),
            **columns_of(asked_by(version)),
            "lines": lines,
            "trial": trial(asked_by(version), limits_of(version)),
            "may_approve": self.may(APPROVE) and version.prepared_by_id != self.person.pk,
            "may_withdraw": self.may(PREPARE if is_draft else APPROVE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class LimitActPage(Page):
    """Approves or withdraws a version and goes back; a refusal is told on a page."""

    right = VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("operations:limit-detail", args=[self.kwargs["pk"]]))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        pk, act, now = self.kwargs["pk"], self.kwargs["act"], timezone.now()
        if act == "approve":
            version = approve_limit(version_id=pk, actor=self.person, now=now)
            messages.success(request, f"Approved: {version}.")
        elif act == "withdraw":
            why = request.POST.get("reason", "")
            version = withdraw_limit(version_id=pk, reason=why, actor=self.person, now=now)
            messages.success(request, f"Withdrawn: {version}.")
        else:
            raise MissingError("There is no such act on limits.")
        return self.get(request)
