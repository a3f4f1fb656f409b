"""Runs matched anew or taken back, after a look at what would become of the figures."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from intake.services import (
    match_many_anew,
    match_run_anew,
    take_back_run,
    try_match_anew,
    try_match_many,
    try_take_back,
)
from intake.services.rematch_trial import RUNS_MAX
from intake.services.rematching import RIGHT
from operations.forms.rematching import MatchAnewForm, TakeBackForm
from operations.selectors.rematching import picked_runs, wafers_of_file
from operations.views.page import Page, picked_ids
from supplychain.base.errors import MissingError, SupplychainError
from testing.models import Run
from testing.selectors import run_named

REFUSED_SHOWN = 5


class MatchAnewPage(Page):
    """Another lot, step or wafer for the file of one run."""

    template_name = "operations/run_anew.html"
    right = RIGHT
    act: ClassVar[str] = "Match anew"

    def run(self) -> Run:
        return run_named(self.kwargs["name"])

    def form(self, answers: Any = None) -> TakeBackForm:
        return MatchAnewForm(answers, wafers=wafers_of_file(self.run()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run()
        parts = {"run": run, "title": f"{self.act}: {run.source_name}", "act": self.act}
        if "form" not in kwargs:
            parts["form"] = self.form()
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        if request.POST.get("go") == "back":
            return self.render_to_response(self.get_context_data(form=form))
        try:
            if request.POST.get("go") == "do":
                return self.done(self.do(form))
            trial = self.trial(form)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        return self.render_to_response(self.get_context_data(form=form, trial=trial))

    def trial(self, form: Any) -> Any:
        return try_match_anew(run=self.run(), to=form.match(), actor=self.person)

    def do(self, form: Any) -> Run:
        return match_run_anew(
            run=self.run(),
            to=form.match(),
            reason=form.cleaned_data["reason"],
            actor=self.person,
            op_key=op_key(self.person.pk, form),
        )

    def done(self, run: Run) -> HttpResponseBase:
        messages.success(
            self.request,
            f"Matched anew to {run.lot_step}. Yields and issues of both lots follow in a minute.",
        )
        return HttpResponseRedirect(reverse("operations:run-detail", args=[run.key]))


class TakeBackPage(MatchAnewPage):
    """Takes one run back without a new match."""

    act = "Take back"

    def form(self, answers: Any = None) -> TakeBackForm:
        return TakeBackForm(answers)

    def trial(self, form: Any) -> Any:
        return try_take_back(run=self.run(), actor=self.person)

    def do(self, form: Any) -> Run:
        return take_back_run(
            run=self.run(),
            reason=form.cleaned_data["reason"],
            actor=self.person,
            op_key=op_key(self.person.pk, form),
        )

    def done(self, run: Run) -> HttpResponseBase:
        messages.success(self.request, "Taken back. The file waits until somebody matches it.")
        return HttpResponseRedirect(reverse("operations:file-detail", args=[run.source_sha256]))


class ManyAnewPage(Page):
    """Several runs picked in the list, as when one rule matched them wrongly."""

    template_name = "operations/runs_anew.html"
    right = RIGHT

    def picked(self) -> list[Run]:
        words = self.request.POST.getlist("pick") or self.request.GET.getlist("pick")
        runs = picked_runs(picked_ids(words))
        if not runs:
            raise MissingError("No test run was picked. Tick the runs in the list first.")
        return runs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = self.picked()
        parts = {"runs": runs, "title": f"Match anew: {len(runs)} test runs", "most": RUNS_MAX}
        if "form" not in kwargs:
            parts["form"] = MatchAnewForm()
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = MatchAnewForm(request.POST)
        ids = [run.pk for run in self.picked()]
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        if request.POST.get("go") == "back":
            return self.render_to_response(self.get_context_data(form=form))
        if request.POST.get("go") != "do":
            tried = try_match_many(run_ids=ids, to=form.match(), actor=self.person)
            count = sum(one.is_changed for one in tried)
            context = self.get_context_data(form=form, tried=tried, changed_count=count)
            return self.render_to_response(context)
        return self.do(ids, form)

    def do(self, ids: list[int], form: MatchAnewForm) -> HttpResponseBase:
        outcome = match_many_anew(
            run_ids=ids,
            to=form.match(),
            reason=form.cleaned_data["reason"],
            actor=self.person,
            op_key=op_key(self.person.pk, form),
        )
        if outcome.done:
            messages.success(self.request, f"Test runs matched anew: {outcome.done}.")
        for name, reason in outcome.refused[:REFUSED_SHOWN]:
            messages.error(self.request, f"{name}: {reason}")
        if len(outcome.refused) > REFUSED_SHOWN:
            left = len(outcome.refused) - REFUSED_SHOWN
            messages.error(self.request, f"{left} more were not changed.")
        return HttpResponseRedirect(reverse("admin:testing_run_changelist"))


def op_key(person_id: int, form: TakeBackForm) -> str:
    """The form's key, set apart from those of other people."""
    return f"page:{person_id}:{form.cleaned_data['op_key']}"
