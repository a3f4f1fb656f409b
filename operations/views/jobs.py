from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from lots.models import Lot
from operations.domain.words import ItemState, JobState
from operations.forms.bulk import BULK_FORMS
from operations.models import BulkJob
from operations.selectors import jobs as selectors
from operations.services.bulk_acts import BULK_ACTS, BulkAct
from operations.services.bulk_jobs import cancel_job, check_lots, retry_failed, start_job
from operations.views.nudging import nudge
from operations.views.page import Page, picked_ids
from supplychain.base.errors import (
    ForbiddenError,
    MalformedError,
    MissingError,
    SupplychainError,
)

PICKED_MAX = 100
FILTER_MAX = 2000


def filter_words(query: str) -> dict[str, str]:
    """What narrows the list of lots, as people call it, and to what."""
    asked = QueryDict(query).items()
    return {
        "Start of the lot code" if name == "q" else name.partition("__")[0]: str(value)
        for name, value in asked
    }


class JobListPage(Page):
    """The newest jobs."""

    template_name = "operations/job_list.html"
    title = "Bulk jobs"
    right = "lots.view_lot"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(jobs=selectors.recent_jobs(), **kwargs)


class BulkPage(Page):
    """What may be asked of the verb of a job."""

    right = "lots.view_lot"

    def act_of(self, verb: str) -> BulkAct:
        act = BULK_ACTS.get(verb)
        if act is None:
            raise MissingError("Nobody can do this to many lots at once.")
        if not self.may(act.right):
            raise ForbiddenError(f"Your role may not {act.verb} lots. Ask an administrator for it.")
        return act


class NewJobPage(BulkPage):
    """Asks what an act on many lots needs to know, and writes the job's rows."""

    template_name = "operations/job_new.html"

    def asked(self) -> QueryDict:
        return self.request.POST if "verb" in self.request.POST else self.request.GET

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.asked()
        act = self.act_of(asked.get("verb", ""))
        is_filter = asked.get("scope") == "filter"
        picked = [] if is_filter else self.picked()
        parts = {
            "act": act,
            "title": f"{act.title} many lots",
            "scope": "filter" if is_filter else "picked",
            "picked": list(Lot.objects.filter(pk__in=picked).order_by("pk")),
            "filter": asked.get("filter", "")[:FILTER_MAX],
            "filter_words": filter_words(asked.get("filter", "")[:FILTER_MAX]),
        }
        if "form" not in kwargs:
            parts["form"] = BULK_FORMS[act.verb](asker=self.person.username)
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        act = self.act_of(self.asked().get("verb", ""))
        if request.POST.get("go") != "check":
            return self.render_to_response(self.get_context_data())
        form = BULK_FORMS[act.verb](request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            job = check_lots(
                verb=act.verb,
                answers=form.body(),
                lots=self.lots(),
                actor=self.person,
                now=timezone.now(),
            )
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        nudge()
        return HttpResponseRedirect(reverse("operations:job-detail", args=[job.pk]))

    def picked(self) -> list[int]:
        words = self.asked().getlist("_selected_action") or self.asked().getlist("pick")
        ids = picked_ids(words)
        if not ids:
            raise MissingError("No lot was picked. Tick the lots in the list first.")
        if len(ids) > PICKED_MAX:
            raise MalformedError(f"Pick at most {PICKED_MAX}; more by a filter of the list.")
        return ids

    def lots(self) -> QuerySet[Lot]:
        if self.request.POST.get("scope") != "filter":
            return Lot.objects.filter(pk__in=self.picked())
        return self.listed(self.request.POST.get("filter", "")[:FILTER_MAX])

    def listed(self, query: str) -> QuerySet[Lot]:
        """The rows of the admin's list under the same filter and search."""
        ask = copy(self.request)
        ask.method, ask.GET = "GET", QueryDict(query)
        try:
            listing = admin.site.get_model_admin(Lot).get_changelist_instance(ask)
            lots: QuerySet[Lot] = listing.get_queryset(ask)
        except IncorrectLookupParameters as error:
            raise MalformedError("The filter is not one of the list's. Go back to it.") from error
        return lots


class JobPage(BulkPage):
    """One job: how far it is, what it would change, every refusal, and what can be done now."""

    template_name = "operations/job_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job = selectors.job_by_id(self.kwargs["pk"])
        act = BULK_ACTS[job.verb]
        state = self.request.GET.get("state", "")
        after = self.request.GET.get("after", "")
        progress = selectors.progress_of(job)
        is_checked, is_warned = job.state == JobState.CHECKED, "warned" in self.request.GET
        parts = {
            "job": job,
            "act": act,
            "title": f"{act.title} {progress.total:,} lots",
            "progress": progress,
            "refusals": selectors.refusals_of(job),
            "warned": selectors.warned_items(job) if is_checked and progress.warned else [],
            "is_warned": is_warned,
            "states": list(ItemState),
            "chosen": state if state in set(ItemState) else "",
            "page": selectors.items_of(
                job,
                state if state in set(ItemState) else "",
                int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0,
                is_warned=is_warned,
            ),
            "is_working": job.state in selectors.WORKING,
            "exposure": selectors.exposure_of_job(job) if is_checked else None,
            "exposed_max": selectors.EXPOSED_MAX,
            "may_act": job.created_by_id == self.person.pk and self.may(act.right),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        job = selectors.job_by_id(self.kwargs["pk"])
        self.act_of(job.verb)
        try:
            self.do(request.POST.get("go", ""), job)
        except SupplychainError as error:
            context = self.get_context_data(error=error)
            return self.render_to_response(context, status=error.status)
        nudge()
        return HttpResponseRedirect(reverse("operations:job-detail", args=[job.pk]))

    def do(self, word: str, job: BulkJob) -> None:
        now = timezone.now()
        if word == "start":
            is_as_one = self.request.POST.get("is_all_or_nothing") == "on"
            start_job(job=job, actor=self.person, is_all_or_nothing=is_as_one, now=now)
        elif word == "retry":
            retry_failed(job=job, actor=self.person, now=now)
        elif word == "cancel":
            cancel_job(job=job, actor=self.person, now=now)
            messages.success(self.request, "Cancelled. What was done stays done.")
        else:
            raise MalformedError("Nothing was asked of the job.")


class JobStatePage(Page):
    """How far a job is, for the script on its page."""

    right = "lots.view_lot"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        job = selectors.job_by_id(self.kwargs["pk"])
        progress = selectors.progress_of(job)
        return JsonResponse(
            {
                "state": job.state,
                "state_word": JobState(job.state).value.capitalize(),
                "is_working": job.state in selectors.WORKING,
                "total": progress.total,
                "looked_at": progress.looked_at,
                "done": progress.done,
                "failed": progress.failed,
            }
        )
