"""Every address of the resolver, with the arguments of rows that are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from finance.models import ExportJob
from intake.models import FeedRow, RawFile
from lots.api.building import STARTS
from lots.api.orders import ORDERS
from lots.models import FutureAction, Hold, Lot, Waiver
from notices.models import Subscription
from operations.models import BulkJob, RecallCase
from operations.services.disposition_acts import DISPOSITION_ACTS, OFFERS
from operations.services.hold_acts import HOLDS_ACTS
from operations.services.issue_acts import ACTS
from operations.services.lot_acts import LOT_ACTS
from operations.services.period_acts import PERIOD_ACTS
from quality.api.views import ACTS as API_ACTS
from quality.models import Disposition, Issue, LimitVersion
from racks.models import Placement, Site
from testing.models import BurnInRun, IdentityConflict, Parameter, RetestRule, Run
from tests.acceptance.line.conftest import UNMATCHED

ROW_PAGES = ("_password_change", "_history", "_delete", "_change")
POSTED = ("_add", "_change", "_delete", ":logout", "password_change")
"""Pages of the admin that do something when posted to."""


TABLES: dict[str, type[Model]] = {
    f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry
}
"""`app_model` → model of every list in the admin."""

UNASKED = {"", "admin:view_on_site"}
"""Leads to a row's own address, which none has; and what has no name only leads elsewhere."""


@dataclass(frozen=True)
class Route:
    """name: with its namespace, empty if it has none. shape: the path as the resolver has it."""

    name: str
    shape: str


@dataclass(frozen=True)
class Address:
    """Something to ask for. key: its row in a baseline. body: what is posted to it.

    methods: those that are worth asking by.
    """

    key: str
    path: str
    methods: tuple[str, ...] = ("get", "post")
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], shape: str, namespace: str) -> Iterator[Route]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, shape + str(one.pattern), inner)
        elif isinstance(one, URLPattern):
            yield Route(f"{namespace}{one.name}" if one.name else "", shape + str(one.pattern))


def addresses() -> list[Address]:
    """One or more of every named route: one for each thing that can be done there."""
    samples = _samples()
    names = dict.fromkeys(route.name for route in routes() if route.name not in UNASKED)
    return [address for name in names for address in samples.get(name) or [_of_admin(name)]]


def _of_admin(name: str) -> Address:
    """A list, the page of the newest row, or a page without arguments."""
    for page in ROW_PAGES:
        label = name.removeprefix("admin:").removesuffix(page)
        if name.endswith(page) and label in TABLES:
            row = TABLES[label]._default_manager.order_by("pk").last()
            assert row is not None, f"{label} has no row to ask for"
            return Address(name, reverse(name, args=[row.pk]), _methods(name))
    return Address(name, reverse(name), _methods(name))


def _methods(name: str) -> tuple[str, ...]:
    """Posting to a list is choosing an action; that is judged apart."""
    is_read = name.startswith("admin:") and not name.endswith(POSTED)
    return ("get",) if is_read else ("get", "post")


def _samples() -> dict[str, list[Address]]:
    """Addresses with arguments, of rows that have much to show."""
    issue = Issue.objects.filter(rule__detector="yield-below-limit", lot__code="N3W010").get()
    lot = Lot.objects.get(code="N3W010")
    run = Run.objects.filter(lot_step__lot=lot).earliest("id")
    placed = Placement.objects.filter(valid_to=None, unit__kind="server").earliest("id")
    rack, unit = placed.slot.rack.serial, placed.unit.serial
    unmatched = RawFile.objects.get(name=UNMATCHED)
    job = BulkJob.objects.earliest("created_at")
    hold = Hold.objects.filter(released_at=None).earliest("id")
    rule = RetestRule.objects.earliest("id")
    row = FeedRow.objects.select_related("file").earliest("id")
    return {
        **_one("api-unit-trace", unit),
        **_one("api-slot-trace", rack, placed.slot.number),
        **_one("api-rollforward-list", period="2026-10"),
        **_one("api-reconciliation-list"),
        **_one("api-journal-detail", "2026-10"),
        **_one("api-item-list"),
        **_one("api-standard-cost-list"),
        **_one("api-custodian-statement", custodian="ODM1"),
        **_one("api-asset-list"),
        **_exports(),
        **_one("api-period-detail", "2026-10"),
        **_one("api-period-close-list", "2024-01"),
        **_one("api-period-close-detail", "2024-01", 1, against=1),
        **_one("api-period-close-approval", "2024-01", 1),
        **_one("api-rack-detail", rack),
        **_one("api-rawfile-detail", run.raw_file.sha256),
        **_one("api-issue-detail", issue.number),
        **_issue_actions(issue),
        **_dispositions(issue),
        **_one("api-run-detail", run.key),
        **_one("api-run-match-anew", run.key),
        **_one("api-run-match-anew-trial", run.key),
        **_one("api-run-take-back", run.key),
        **_one("api-run-take-back-trial", run.key),
        **_one("api-unitresult-list", unit),
        **_one("api-lot-detail", lot.code),
        **_lot_orders(lot),
        "api-lot-list": [
            Address("api-lot-list", "/api/v1/lots", ("get",)),
            *(
                Address(f"api-lot-list {verb}", "/api/v1/lots", ("post",), {"verb": verb})
                for verb in STARTS
            ),
        ],
        "admin:app_list": [Address("admin:app_list", "/admin/lots/", ("get",))],
        **_one("operations:find", q="N3W"),
        **_one("operations:lots-hold", pick=lot.pk),
        **_one("operations:lot-traveller", lot.code),
        **_one("operations:job-new", verb="hold", scope="filter"),
        **_one("operations:job-detail", job.pk),
        **_one("operations:job-state", job.pk),
        "operations:holds-act": [
            Address(f"operations:holds-act {act}", f"/holds/do/{act}?pick={hold.pk}")
            for act in HOLDS_ACTS
        ],
        **_one("operations:unit-swap", unit),
        "operations:lot-action": [
            Address(f"operations:lot-action {verb}", f"/lots/{lot.code}/do/{verb}")
            for verb in LOT_ACTS
        ],
        **_one("operations:lot-detail", lot.code),
        **_maps(lot),
        "operations:issues-act": [
            Address(f"operations:issues-act {act}", f"/issues/do/{act}?pick={issue.pk}")
            for act in ACTS
        ],
        **_one("operations:issue-detail", issue.number),
        "operations:issue-act": [
            Address(f"operations:issue-act {act}", f"/issues/{issue.number}/{act}") for act in ACTS
        ],
        "operations:retest-rule-act": [
            Address(f"operations:retest-rule-act {act}", f"/retest-rules/{rule.pk}/{act}")
            for act in ("approve", "withdraw")
        ],
        **_limits(),
        **_one("operations:lot-retest", lot.code, step="CP1"),
        **_one("operations:lot-step-yields", lot.code),
        **_one("api-stepyield-list", lot=lot.code),
        **_one("operations:conflict-detail", IdentityConflict.objects.earliest("id").pk),
        **_one("operations:burnin-detail", BurnInRun.objects.earliest("id").pk),
        **_one("operations:oven-detail", BurnInRun.objects.earliest("id").oven_id),
        **_one("operations:program-detail", run.revision_id),
        "operations:program-act": [
            Address(f"operations:program-act {act}", f"/programs/{run.revision_id}/{act}")
            for act in ("prepare", "release", "withdraw", "retire")
        ],
        **_one("operations:lot-results", lot.code),
        "operations:rule-save": [Address("operations:rule-save", "/files/rules/save", ("post",))],
        **_one("operations:run-detail", run.key),
        **_one("operations:run-tests-csv", run.key),
        **_one("operations:run-datalog", run.key),
        **_one("operations:run-datalog-csv", run.key),
        **_one("operations:runs-match-anew", pick=run.pk),
        **_one("operations:run-match-anew", run.key),
        **_one("operations:run-take-back", run.key),
        **_one("operations:file-states", sha256=run.raw_file.sha256),
        "operations:file-detail": [
            Address("operations:file-detail", f"/files/{run.raw_file.sha256}", ("get",)),
            Address("operations:file-detail match", f"/files/{unmatched.sha256}"),
        ],
        **_one("operations:file-row", row.file.sha256, row.number),
        "operations:file-rows-act": [
            Address(f"operations:file-rows-act {act}", f"/files/rows/{act}?pick={row.pk}")
            for act in ("drop", "replay")
        ],
        **_one("api-feedrow-list", row.file.sha256),
        **_one("api-feedrow-detail", row.file.sha256, row.number),
        **_recalls(lot),
        **_subscription(),
        **_one("operations:lots-then", as_of_seq=100),
        **_one("operations:lot-then", lot.code, as_of_seq=lot.events.earliest("seq").seq),
        **_one("operations:unit-genealogy", unit),
        **_one("operations:unit-genealogy-csv", unit),
        **_one("api-unit-genealogy", unit),
        **_one("operations:lot-genealogy", lot.code),
        **_one("operations:lot-genealogy-csv", lot.code),
        **_one("api-lot-genealogy", lot.code),
        **_one("api-unit-materials", unit),
        **_one("api-step-balance-list", as_of_seq=100),
        **_one("operations:finance-transaction", 1),
        **_periods("2024-01"),
        **_one("operations:finance-custody", custodian="OSAT1"),
        **_one("operations:finance-custody-csv", custodian="OSAT1"),
        **_one("operations:finance-cost-version", "STD-2024"),
        **_one("operations:finance-cost-csv", "STD-2024"),
        **_one("operations:finance-cost-approval", "STD-2024"),
        **_one("operations:finance-cost-roll-up", "STD-2024"),
        **_one("operations:finance-assumption-csv", "STD-2024"),
        **_one("api-cost-roll-up-detail", "STD-2024"),
        **_one("operations:site-detail", Site.objects.earliest("id").code),
        **_one("operations:rack-detail", rack),
        **_one("operations:unit-detail", unit),
    }


def _one(name: str, *arguments: object, **query: object) -> dict[str, list[Address]]:
    path = reverse(name, args=arguments)
    return {name: [Address(name, f"{path}?{urlencode(query)}" if query else path)]}


def _issue_actions(issue: Issue) -> dict[str, list[Address]]:
    name = "api-issue-action-list"
    path = reverse(name, args=[issue.number])
    return {name: [Address(f"{name} {act}", path, ("post",), {"act": act}) for act in API_ACTS]}


def _dispositions(issue: Issue) -> dict[str, list[Address]]:
    """One that is proposed, each kind that could be, and what can be done with it."""
    number, lot = Disposition.objects.get(issue=issue).number, issue.lot
    assert lot is not None
    api, page = "api-disposition-action-list", "operations:disposition-act"
    proposal, path = "api-issue-disposition-list", f"/api/v1/issues/{issue.number}/dispositions"
    return {
        **_one("api-disposition-detail", number),
        proposal: [Address(proposal, path, ("post",))],
        api: [
            Address(f"{api} {act}", reverse(api, args=[number]), ("post",), {"act": act})
            for act in DISPOSITION_ACTS
        ],
        "operations:disposition-new": [
            Address(
                f"operations:disposition-new {kind}",
                f"/issues/{issue.number}/propose/{kind}?lot={lot.code}",
            )
            for kind in OFFERS
        ],
        page: [
            Address(f"{page} {act}", reverse(page, args=[number, act])) for act in DISPOSITION_ACTS
        ],
    }


def _exports() -> dict[str, list[Address]]:
    """An export that is ready, and its file."""
    job = ExportJob.objects.earliest("requested_at")
    return {
        **_one("api-export-detail", job.pk),
        **_one("api-export-file", job.pk, 1),
        **_one("operations:finance-export", job.pk),
        **_one("operations:finance-export-state", job.pk),
    }


def _periods(code: str) -> dict[str, list[Address]]:
    """The cockpit of a period with a version, and what can be done there."""
    acts: dict[str, list[Address]] = {}
    for act in PERIOD_ACTS.values():
        name = f"operations:finance-{'version' if act.is_of_version else 'period'}-act"
        arguments = [code, 1, act.name] if act.is_of_version else [code, act.name]
        path = reverse(name, args=arguments)
        acts.setdefault(name, []).append(Address(f"{name} {act.name}", path))
    return {
        **_one("operations:finance-period", code),
        **_one("operations:finance-version", code, 1),
        **_one("operations:finance-version-csv", code, 1),
        **acts,
    }


def _limits() -> dict[str, list[Address]]:
    """A draft by somebody else, and what can be done with it."""
    pk = LimitVersion.objects.earliest("id").pk
    acts = ("approve", "withdraw")
    name, page = "api-limitversion-action-list", "operations:limit-act"
    path = reverse(name, args=[pk])
    return {
        **_one("api-limitversion-detail", pk),
        name: [Address(f"{name} {act}", path, ("post",), {"act": act}) for act in acts],
        **_one("operations:limit-detail", pk),
        page: [Address(f"{page} {act}", reverse(page, args=[pk, act])) for act in acts],
        **_one("operations:limit-new", product="TRN3-DIE", step_code="CP1", kind="syl"),
        **_one("operations:chart", product="TRN3-DIE", step_code="CP1", kind="chart-laney"),
        **_one("api-chart", product="TRN3-DIE", step="CP1", kind="chart-laney"),
    }


def _subscription() -> dict[str, list[Address]]:
    """One's own; others are kept out."""
    pk = Subscription.objects.get(person__username="Administrator").pk
    return {
        **_one("operations:subscription-detail", pk),
        "operations:subscription-act": [
            Address(f"operations:subscription-act {act}", f"/notices/{pk}/{act}")
            for act in ("pause", "resume", "end")
        ],
    }


def _maps(lot: Lot) -> dict[str, list[Address]]:
    """Of its first wafer, and of all of them."""
    wafer = lot.wafers.earliest("number").code
    test = Parameter.objects.filter(revision__runs__lot_step__lot=lot).earliest("id").pk
    return {
        **_one("api-wafer-map", wafer, step="CP1"),
        **_one("api-lot-map", lot.code, step="CP1"),
        **_one("api-reading-list", lot=lot.code, limit=50),
        **_one("operations:explore", test=test),
        **_one("operations:explore-csv", test=test),
        **_one("operations:explore-parquet", test=test),
        **_one("operations:wafer-detail", wafer),
        **_one("operations:wafer-map", wafer),
        **_one("operations:wafer-genealogy", wafer),
        **_one("operations:wafer-genealogy-csv", wafer),
        **_one("api-wafer-genealogy", wafer),
        **_one("operations:wafer-map-csv", wafer),
        **_one("operations:wafer-map-e142", wafer),
        **_one("operations:wafer-values", wafer, test=test),
        **_one("operations:lot-map", lot.code),
        **_one("operations:lot-map-json", lot.code),
        **_one("operations:lot-map-csv", lot.code),
        **_one("operations:lot-values", lot.code, test=test),
    }


def _recalls(lot: Lot) -> dict[str, list[Address]]:
    """A case, and what a recall of the lot would be asked by."""
    number = RecallCase.objects.earliest("id").number
    question = {"origin": "lot", "names": [lot.code]}
    here = f"/recalls/R-{number}"
    return {
        **_one("operations:recall-new", origin="lot"),
        **_one("operations:recall-detail", number),
        **_one("operations:recall-csv", number),
        "operations:recall-act": [
            Address(f"operations:recall-act {act}", f"{here}/{act}")
            for act in ("refresh", "settle", "close", "cancel")
        ],
        "api-recall-preview": [
            Address("api-recall-preview", "/api/v1/recalls/preview", ("post",), question)
        ],
        **_one("api-recall-detail", number),
        "api-recall-action-list": [
            Address("api-recall-action-list", f"/api/v1/recalls/{number}/actions", ("post",))
        ],
        **_one("api-recallitem-list", number),
    }


def _lot_orders(lot: Lot) -> dict[str, list[Address]]:
    name = "api-lotevent-list"
    path = reverse(name, args=[lot.code])
    orders = [Address(f"{name} {verb}", path, ("post",), {"verb": verb}) for verb in ORDERS]
    waiver, plan = Waiver.objects.earliest("id").pk, FutureAction.objects.earliest("id").pk
    return {
        name: [Address(name, path, ("get",)), *orders],
        "api-plan-cancel": [Address("api-plan-cancel", f"/api/v1/plans/{plan}/cancel", ("post",))],
        "api-waiver-action-list": [
            Address("api-waiver-action-list", f"/api/v1/waivers/{waiver}/actions", ("post",))
        ],
    }
