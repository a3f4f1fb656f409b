from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.domain.queries import whole_number
from finance.models import PeriodClose
from finance.selectors.closes import close_by_version, close_differences, close_totals
from finance.selectors.closing import period_by_code
from finance.selectors.reconciling import counts_kept
from finance.services import add_year
from operations.forms.periods import AgreeForm, ReasonForm, YearForm
from operations.selectors import periods
from operations.services.period_acts import (
    PERIOD_ACTS,
    Asked,
    PeriodAct,
    do_period_act,
    look_at_period_act,
)
from operations.views.books import BooksPage
from supplychain.base.errors import ForbiddenError, MissingError, SupplychainError

LOOK = "finance.view_period"
CLOSE = "finance.close_period"
VERSION_MAX = 32_767
HEAD = (
    "period", "version", "account", "stage", "item", "unit_of_measure", "owner", "custodian",
    "quantity", "amount",
)  # fmt: skip
BY_STATE = {"open": ["soft-close"], "soft-closed": ["reopen", "close"], "closed": ["restate"]}
"""What is done with a period next; the last of them brings it on."""


class CalendarPage(BooksPage):
    """Every month of the books with its state, and which one closes next."""

    template_name = "operations/period_calendar.html"
    title = "Close"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        calendar = periods.calendar(self.books.today())
        parts = {"calendar": calendar, "may_close": self.may(CLOSE)}
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The year that the button named is added, once."""
        if not self.may(CLOSE):
            raise ForbiddenError("Your role may not add to the calendar.")
        form = YearForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(), status=400)
        year = form.cleaned_data["year"]
        try:
            add_year(year=year, actor=self.person)
        except SupplychainError as error:
            return self.render_to_response(self.get_context_data(error=error), status=error.status)
        messages.success(request, f"{year} is in the calendar, month by month.")
        return HttpResponseRedirect(request.path)


class PeriodPage(BooksPage):
    """One period: what stands between it and its close, its versions, and what came late."""

    template_name = "operations/period_detail.html"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = period_by_code(self.kwargs["code"])
        versions = periods.versions(period)
        has_draft = bool(versions) and versions[0].approved_at is None
        in_force = next((one for one in versions if one.approved_at), None)
        parts = {
            "period": period,
            "title": f"Period {period.code}",
            "checklist": periods.checklist(period),
            "versions": versions,
            "late": periods.late(in_force),
            "reopenings": periods.reopenings(period),
            "acts": [] if has_draft else [PERIOD_ACTS[name] for name in BY_STATE[period.state]],
            "may_close": self.may(CLOSE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class VersionPage(BooksPage):
    """One version of a closed period: what it moved, and what it changed against another."""

    template_name = "operations/period_version.html"

    def version(self) -> PeriodClose:
        return close_by_version(self.kwargs["code"], min(self.kwargs["version"], VERSION_MAX))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        close = self.version()
        usual = max(close.version - 1, 1)
        number = whole_number(self.given, "against", usual, (1, VERSION_MAX))
        other = close_by_version(close.period_id, number) if number != close.version else None
        parts = {
            "close": close,
            "title": f"{close.period_id}, version {close.version}",
            "lines": close_totals(close),
            "counted": counts_kept(close),
            "others": [
                one.version
                for one in periods.versions(close.period)
                if one.version != close.version
            ],
            "other": other,
            "differences": close_differences(other, close) if other else [],
            "acts": [act for act in PERIOD_ACTS.values() if act.is_of_version],
            "may_close": self.may(CLOSE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class VersionCsv(VersionPage):
    """What the version moved in every bucket, as rows."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        close = self.version()
        rows = (
            (
                close.period_id, close.version, bucket.account, bucket.stage or "", bucket.item,
                bucket.unit_of_measure, bucket.owner, bucket.custodian, line.quantity, line.amount,
            )
            for line in close_totals(close)
            for bucket in [line.bucket]
        )  # fmt: skip
        name = f"close-{close.period_id}-v{close.version}"
        return self.table_file(name, HEAD, rows, close.seq)


class PeriodActPage(BooksPage):
    """Shows what an act on a period or a version would do, and does it once the person agrees."""

    template_name = "operations/period_act.html"
    right: ClassVar[str] = CLOSE

    def act(self) -> PeriodAct:
        act = PERIOD_ACTS.get(self.kwargs["act"])
        if act is None or act.is_of_version != ("version" in self.kwargs):
            raise MissingError("There is no such act on periods.")
        return act

    def subject(self) -> dict[str, Any]:
        period = period_by_code(self.kwargs["code"])
        number = self.kwargs.get("version")
        close = close_by_version(period.code, min(number, VERSION_MAX)) if number else None
        return {"period": period, "close": close}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act, subject = self.act(), self.subject()
        trial = look_at_period_act(act, Asked(**subject, actor=self.person))
        parts = {
            **subject,
            "title": f"{act.title}: {subject['close'] or subject['period']}",
            "trial": trial,
            "form": _form(act, initial={"seen": trial.told_sha256}),
        }
        return super().get_context_data(**{**parts, **kwargs, "act": act})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        act, subject = self.act(), self.subject()
        form = _form(act, request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            reason, seen = form.cleaned_data.get("reason", ""), form.cleaned_data["seen"]
            do_period_act(act, Asked(**subject, actor=self.person, reason=reason), seen_sha256=seen)
        except SupplychainError as error:
            context = self.get_context_data(error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, f"{subject['close'] or subject['period']}: {act.done}")
        return HttpResponseRedirect(
            reverse("operations:finance-period", args=[subject["period"].code])
        )


def _form(act: PeriodAct, *given: Any, **more: Any) -> AgreeForm:
    if not act.reason:
        return AgreeForm(*given, **more)
    return ReasonForm(*given, label=act.reason, **more)
