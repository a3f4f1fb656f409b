from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.domain.plan_comparing import ComparedMonth
from finance.domain.plan_table import COLUMNS, plan_changes
from finance.models import AssetPlan
from finance.selectors.asset_plans import (
    PlanView,
    asset_plan,
    asset_plans,
    plan_in_force,
    plan_table,
    plan_view,
    planned_lines,
)
from finance.selectors.ledger import watermark
from finance.selectors.told import plan_as_shown
from finance.services.asset_plans import APPROVE, PREPARE, approve_asset_plan, import_asset_plan
from operations.domain.plan_drawing import PlanDrawing, PlanPoint, draw_plan
from operations.forms.costs import CostImportForm
from operations.forms.plans import PlanImportForm
from operations.views.books import BooksMoment, BooksPage
from operations.views.costs import CostImportPage
from operations.views.page import seen_of
from supplychain.base.errors import SupplychainError
from supplychain.base.snapshots import snapshot

LOOK = "finance.view_assetplan"
ROWS_SHOWN = 300
MEASURES = ("quantity", "unit", "chip", "megawatt")
HEAD = (
    "plan", "item", "month",
    *(f"{name}_{side}" for name in MEASURES for side in ("planned", "actual", "difference")),
    "as_of_seq",
)  # fmt: skip


class AgainstPlan(BooksPage):
    """What stands in service against a plan, as the address asks for it."""

    right: ClassVar[str] = LOOK

    def compared(self) -> tuple[BooksMoment, PlanView | None]:
        """By the plan named, or the one in force; None without one."""
        today = self.books.today()
        with snapshot():
            moment = self.moment()
            plan = self._plan(moment.day or today)
            if plan is None:
                return moment, None
            view = plan_view(plan, as_of_seq=moment.mark.seq, today=today, day=moment.day)
        return moment, view

    def _plan(self, day: date) -> AssetPlan | None:
        named = self.given.get("plan", "")
        return asset_plan(named) if named else plan_in_force(day)


class AgainstPlanPage(AgainstPlan):
    """Units in service by month and what they cost, against the plan, drawn and listed."""

    template_name = "operations/asset_plan.html"
    title = "Assets against the plan"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moment, view = self.compared()
        parts = {
            "moment": moment,
            "view": view,
            "drawings": _drawings(view.months) if view else [],
            "codes": list(asset_plans().values_list("code", flat=True)),
            "may_prepare": self.may(PREPARE),
        }
        return super().get_context_data(**{**parts, **kwargs})


def _drawings(months: list[ComparedMonth]) -> list[tuple[str, PlanDrawing]]:
    return [
        (item, draw_plan([_point(one) for one in own]))
        for item, own in groupby(months, key=lambda one: one.item)
    ]


def _point(one: ComparedMonth) -> PlanPoint:
    actual = one.quantity.actual
    return PlanPoint(
        one.month, int(one.quantity.planned or 0), None if actual is None else int(actual)
    )


class AgainstPlanCsv(AgainstPlan):
    """Every item and month."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        moment, view = self.compared()
        rows = _rows(view, moment.mark.seq) if view else []
        return self.table_file("asset-plan", HEAD, rows, moment.mark.seq)


def _rows(view: PlanView, seq: int) -> list[list[object]]:
    return [[view.plan.code, one.item, one.month, *_figures(one), seq] for one in view.months]


def _figures(one: ComparedMonth) -> list[object]:
    figures = (getattr(one, name) for name in MEASURES)
    return [cell for row in figures for cell in (row.planned, row.actual, row.difference)]


class PlanListPage(BooksPage):
    """Every plan of assets: what is in force, what comes, what waits."""

    template_name = "operations/asset_plan_list.html"
    title = "Plans of assets"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = {
            "plans": list(asset_plans()),
            "in_force": plan_in_force(self.books.today()),
            "may_prepare": self.may(PREPARE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class PlanPage(BooksPage):
    """One plan: its lines, and its approval by somebody else."""

    template_name = "operations/asset_plan_version.html"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = asset_plan(self.kwargs["code"])
        lines = sorted(planned_lines(plan).items())
        parts = {
            "plan": plan,
            "title": f"Plan of assets {plan.code}",
            "seen": plan_as_shown(plan, dict(lines)).sha256,
            "lines": lines[:ROWS_SHOWN],
            "hidden": max(0, len(lines) - ROWS_SHOWN),
            "may_approve": self.may(APPROVE) and plan.approved_at is None,
            "may_give_up": self.may(PREPARE) and plan.approved_at is None,
        }
        return super().get_context_data(**{**parts, **kwargs})


class PlanCsv(BooksPage):
    """The lines in the columns of an import."""

    right: ClassVar[str] = LOOK

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plan = asset_plan(self.kwargs["code"])
        rows = (
            [item, month, one.quantity, one.unit_cost, one.chip_cost, one.megawatt_cost]
            for (item, month), one in sorted(planned_lines(plan).items())
        )
        return self.table_file("plan-of-assets", COLUMNS, rows, watermark(None).seq)


class PlanApproval(PlanPage):
    """Approves once the person agrees; only by posting."""

    right: ClassVar[str] = APPROVE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            plan = approve_asset_plan(
                plan=asset_plan(self.kwargs["code"]), approver=self.person, seen=seen_of(request)
            )
        except SupplychainError as error:
            return self.render_to_response(self.get_context_data(error=error), status=error.status)
        messages.success(
            request, f"Approved: {plan.code} applies from {plan.effective_on}, and is frozen."
        )
        return _to_plan(plan)


def _to_plan(plan: AssetPlan) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("operations:finance-asset-plan-version", args=[plan.code]))


class PlanImportPage(CostImportPage):
    """A plan is shown with its faults and changes first, and imported then."""

    template_name = "operations/asset_plan_import.html"
    title = "Import a plan of assets"
    right: ClassVar[str] = PREPARE
    form_class: ClassVar[type[CostImportForm]] = PlanImportForm

    def preview(self, form: CostImportForm) -> dict[str, Any]:
        said = form.cleaned_data
        table = plan_table(said["table"])
        before = plan_in_force(said["effective_on"])
        changes = plan_changes(planned_lines(before), table.lines)
        return {
            "table": table,
            "text": said["table"],
            "faults": table.faults[:ROWS_SHOWN],
            "before": before,
            "changes": changes[:ROWS_SHOWN],
            "change_count": len(changes),
        }

    def take(self, form: CostImportForm) -> HttpResponseBase:
        said = form.cleaned_data
        plan = import_asset_plan(
            code=said["code"],
            effective_on=said["effective_on"],
            table=plan_table(said["table"]),
            preparer=self.person,
        )
        messages.success(
            self.request, f"{plan.code} is imported; it waits for somebody else's approval."
        )
        return _to_plan(plan)
