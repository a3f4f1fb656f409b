"""Every address of the resolver, with the arguments of rows that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, reverse

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
from quality.api.views import ACTS as API_ACTS
from quality.models import Disposition, Issue, IssueAttachment, LimitVersion
from racks.models import Placement, Site
from testing.models import BurnInRun, IdentityConflict, Parameter, RetestRule, Run
from tests.acceptance.line.address import Address, one
from tests.acceptance.line.conftest import UNMATCHED
from tests.acceptance.line.finance_addresses import finance_addresses

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


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], shape: str, namespace: str) -> Iterator[Route]:
    for known in patterns:
        if isinstance(known, URLResolver):
            inner = f"{namespace}{known.namespace}:" if known.namespace else namespace
            yield from _walk(known.url_patterns, shape + str(known.pattern), inner)
        elif isinstance(known, URLPattern):
            yield Route(
                f"{namespace}{known.name}" if known.name else "", shape + str(known.pattern)
            )


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
        **one("api-unit-trace", unit),
        **one("api-slot-trace", rack, placed.slot.number),
        **one("api-rollforward-list", period="2026-10"),
        **one("api-reconciliation-list"),
        **one("api-journal-detail", "2026-10"),
        **one("api-item-list"),
        **one("api-standard-cost-list"),
        **one("api-custodian-statement", custodian="ODM1"),
        **one("api-asset-list"),
        **finance_addresses(),
        **one("api-period-detail", "2026-10"),
        **one("api-period-close-list", "2024-01"),
        **one("api-period-close-detail", "2024-01", 1, against=1),
        **one("api-period-close-approval", "2024-01", 1),
        **one("api-rack-detail", rack),
        **one("api-rawfile-detail", run.raw_file.sha256),
        **one("api-issue-detail", issue.number),
        **_issue_actions(issue),
        **_issue_files(),
        **one("api-issue-similar-list", issue.number),
        **one("api-issue-effectiveness", issue.number),
        **one("api-reliability", product="TRN3", use_celsius=85, stress_celsius=125),
        **_dispositions(issue),
        **one("api-run-detail", run.key),
        **one("api-run-match-anew", run.key),
        **one("api-run-match-anew-trial", run.key),
        **one("api-run-take-back", run.key),
        **one("api-run-take-back-trial", run.key),
        **one("api-unitresult-list", unit),
        **one("api-lot-detail", lot.code),
        **_lot_orders(lot),
        "api-lot-list": [
            Address("api-lot-list", "/api/v1/lots", ("get",)),
            *(
                Address(f"api-lot-list {verb}", "/api/v1/lots", ("post",), {"verb": verb})
                for verb in STARTS
            ),
        ],
        "admin:app_list": [Address("admin:app_list", "/admin/lots/", ("get",))],
        **one("operations:find", q="N3W"),
        **one("operations:lot-traveller", lot.code),
        **one("operations:job-new", verb="hold", scope="filter"),
        **one("operations:job-detail", job.pk),
        **one("operations:job-state", job.pk),
        "operations:holds-act": [
            Address(f"operations:holds-act {act}", f"/holds/do/{act}?pick={hold.pk}")
            for act in HOLDS_ACTS
        ],
        **one("operations:unit-swap", unit),
        "operations:lot-action": [
            Address(f"operations:lot-action {verb}", f"/lots/{lot.code}/do/{verb}")
            for verb in LOT_ACTS
        ],
        **one("operations:lot-detail", lot.code),
        **_maps(lot),
        "operations:issues-act": [
            Address(f"operations:issues-act {act}", f"/issues/do/{act}?pick={issue.pk}")
            for act in ACTS
        ],
        **one("operations:issue-detail", issue.number),
        "operations:issue-act": [
            Address(f"operations:issue-act {act}", f"/issues/{issue.number}/{act}") for act in ACTS
        ],
        "operations:retest-rule-act": [
            Address(f"operations:retest-rule-act {act}", f"/retest-rules/{rule.pk}/{act}")
            for act in ("approve", "withdraw")
        ],
        **_limits(),
        **one("operations:lot-retest", lot.code, step="CP1"),
        **one("operations:lot-step-yields", lot.code),
        **one("operations:yield-dies", weeks=0, product="TRN3-DIE", step="CP1"),
        **one("api-stepyield-list", lot=lot.code),
        **one("operations:conflict-detail", IdentityConflict.objects.earliest("id").pk),
        **one("operations:burnin-detail", BurnInRun.objects.earliest("id").pk),
        **one("operations:oven-detail", BurnInRun.objects.earliest("id").oven_id),
        **one("operations:program-detail", run.revision_id),
        "operations:program-act": [
            Address(f"operations:program-act {act}", f"/programs/{run.revision_id}/{act}")
            for act in ("prepare", "release", "withdraw", "retire")
        ],
        **one("operations:lot-results", lot.code),
        "operations:rule-save": [Address("operations:rule-save", "/files/rules/save", ("post",))],
        **one("operations:run-detail", run.key),
        **one("operations:run-tests-csv", run.key),
        **one("operations:run-datalog", run.key),
        **one("operations:run-datalog-csv", run.key),
        **one("operations:runs-match-anew", pick=run.pk),
        **one("operations:run-match-anew", run.key),
        **one("operations:run-take-back", run.key),
        **one("operations:file-states", sha256=run.raw_file.sha256),
        "operations:file-detail": [
            Address("operations:file-detail", f"/files/{run.raw_file.sha256}", ("get",)),
            Address("operations:file-detail match", f"/files/{unmatched.sha256}"),
        ],
        **one("operations:file-row", row.file.sha256, row.number),
        "operations:file-rows-act": [
            Address(f"operations:file-rows-act {act}", f"/files/rows/{act}?pick={row.pk}")
            for act in ("drop", "replay")
        ],
        **one("api-feedrow-list", row.file.sha256),
        **one("api-feedrow-detail", row.file.sha256, row.number),
        **_recalls(lot),
        **_subscription(),
        **one("operations:lots-then", as_of_seq=100),
        **one("operations:lot-then", lot.code, as_of_seq=lot.events.earliest("seq").seq),
        **one("operations:unit-genealogy", unit),
        **one("operations:unit-genealogy-csv", unit),
        **one("api-unit-genealogy", unit),
        **one("operations:lot-genealogy", lot.code),
        **one("operations:lot-genealogy-csv", lot.code),
        **one("api-lot-genealogy", lot.code),
        **one("api-unit-materials", unit),
        **one("api-step-balance-list", as_of_seq=100),
        **one("operations:site-detail", Site.objects.earliest("id").code),
        **one("operations:rack-detail", rack),
        **one("operations:unit-detail", unit),
    }


def _issue_actions(issue: Issue) -> dict[str, list[Address]]:
    name = "api-issue-action-list"
    path = reverse(name, args=[issue.number])
    return {name: [Address(f"{name} {act}", path, ("post",), {"act": act}) for act in API_ACTS]}


def _issue_files() -> dict[str, list[Address]]:
    """The one file that an issue has, and where it takes more."""
    file = IssueAttachment.objects.select_related("issue").get()
    issue, pk = file.issue, file.pk
    name, path = "api-issue-attachment-list", f"/api/v1/issues/{issue.number}/attachments"
    return {
        name: [Address(name, path)],
        **one("api-issue-attachment-detail", issue.number, pk),
        **one("api-issue-attachment-withdrawal", issue.number, pk),
        **one("operations:issue-file-withdraw", issue.number, pk),
        **one("operations:issue-files", issue.number),
        **one("operations:issue-file", issue.number, pk),
    }


def _dispositions(issue: Issue) -> dict[str, list[Address]]:
    """One that is proposed, each kind that could be, and what can be done with it."""
    number, lot = Disposition.objects.get(issue=issue).number, issue.lot
    assert lot is not None
    api, page = "api-disposition-action-list", "operations:disposition-act"
    proposal, path = "api-issue-disposition-list", f"/api/v1/issues/{issue.number}/dispositions"
    return {
        **one("api-disposition-detail", number),
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


def _limits() -> dict[str, list[Address]]:
    """A draft by somebody else, and what can be done with it."""
    pk = LimitVersion.objects.earliest("id").pk
    acts = ("approve", "withdraw")
    name, page = "api-limitversion-action-list", "operations:limit-act"
    path = reverse(name, args=[pk])
    return {
        **one("api-limitversion-detail", pk),
        name: [Address(f"{name} {act}", path, ("post",), {"act": act}) for act in acts],
        **one("operations:limit-detail", pk),
        page: [Address(f"{page} {act}", reverse(page, args=[pk, act])) for act in acts],
        **one("operations:limit-new", product="TRN3-DIE", step_code="CP1", kind="syl"),
        **one("operations:chart", product="TRN3-DIE", step_code="CP1", kind="chart-laney"),
        **one(
            "operations:chart-csv", product="TRN3-DIE", step_code="CP1", subject="test-mean 1100"
        ),
        **one("api-chart", product="TRN3-DIE", step="CP1", kind="chart-laney"),
    }


def _subscription() -> dict[str, list[Address]]:
    """One's own; others are kept out."""
    pk = Subscription.objects.get(person__username="Administrator").pk
    return {
        **one("operations:subscription-detail", pk),
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
        **one("api-wafer-map", wafer, step="CP1"),
        **one("api-lot-map", lot.code, step="CP1"),
        **one("api-reading-list", lot=lot.code, limit=50),
        **one("operations:explore", test=test),
        **one("operations:explore-csv", test=test),
        **one("operations:explore-parquet", test=test),
        **one("operations:wafer-detail", wafer),
        **one("operations:wafer-map", wafer),
        **one("operations:wafer-genealogy", wafer),
        **one("operations:wafer-genealogy-csv", wafer),
        **one("api-wafer-genealogy", wafer),
        **one("operations:wafer-map-csv", wafer),
        **one("operations:wafer-map-e142", wafer),
        **one("operations:wafer-values", wafer, test=test),
        **one("operations:lot-map", lot.code),
        **one("operations:lot-map-json", lot.code),
        **one("operations:lot-map-csv", lot.code),
        **one("operations:lot-values", lot.code, test=test),
    }


def _recalls(lot: Lot) -> dict[str, list[Address]]:
    """A case, and what a recall of the lot would be asked by."""
    number = RecallCase.objects.earliest("id").number
    question = {"origin": "lot", "names": [lot.code]}
    here = f"/recalls/R-{number}"
    return {
        **one("operations:recall-new", origin="lot"),
        **one("operations:recall-detail", number),
        **one("operations:recall-csv", number),
        "operations:recall-act": [
            Address(f"operations:recall-act {act}", f"{here}/{act}")
            for act in ("refresh", "settle", "close", "cancel")
        ],
        "api-recall-preview": [
            Address("api-recall-preview", "/api/v1/recalls/preview", ("post",), question)
        ],
        **one("api-recall-detail", number),
        "api-recall-action-list": [
            Address("api-recall-action-list", f"/api/v1/recalls/{number}/actions", ("post",))
        ],
        **one("api-recallitem-list", number),
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
