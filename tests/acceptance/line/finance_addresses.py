"""Addresses of the books, with the arguments of rows that are there."""

from __future__ import annotations

from django.urls import reverse

from finance.models import ExportJob, Invoice, Revaluation, WriteDown
from finance.selectors.assets import asset_register
from operations.services.period_acts import PERIOD_ACTS
from tests.acceptance.line.address import Address, one


def finance_addresses() -> dict[str, list[Address]]:
    return {
        **one("operations:finance-transaction", 1),
        **one("operations:finance-custody", custodian="OSAT1"),
        **one("operations:finance-custody-csv", custodian="OSAT1"),
        **one("operations:finance-cost-version", "STD-2024"),
        **one("operations:finance-cost-csv", "STD-2024"),
        **one("operations:finance-cost-approval", "STD-2024"),
        **_posted("operations:finance-cost-give-up", "STD-2024"),
        **one("operations:finance-cost-roll-up", "STD-2024"),
        **one("operations:finance-assumption-csv", "STD-2024"),
        **one("api-cost-roll-up-detail", "STD-2024"),
        **_posting_rules("RULES-2"),
        **_assets(),
        **_asset_plans("PLAN-1"),
        **_periods("2024-01"),
        **one("operations:finance-write-down-new", lot="N3W010"),
        **_documents("write-down", WriteDown.objects.earliest("id").pk),
        **one("operations:finance-invoice-new", lot="N3W010"),
        **_documents("invoice", Invoice.objects.earliest("id").pk),
        **_revaluation(Revaluation.objects.earliest("id").pk),
        **_exports(),
    }


def _assets() -> dict[str, list[Address]]:
    """A serial that stands in a data centre."""
    serial = next(one.serial for one in asset_register().assets if one.serial)
    return {**one("operations:finance-asset", serial), **one("api-asset-life", serial)}


def _posting_rules(code: str) -> dict[str, list[Address]]:
    """A draft that waits: tried on a period, and approved by another."""
    page, approval = (f"operations:finance-posting-rules-{end}" for end in ("version", "approval"))
    path = reverse(page, args=[code])
    return {
        page: [Address(page, path), Address(f"{page} tried", f"{path}?period=2026-10", ("get",))],
        **one("api-posting-rules-trial", code, period="2026-10"),
        **_posted(approval, code),
        **_posted("operations:finance-posting-rules-give-up", code),
    }


def _posted(name: str, code: str) -> dict[str, list[Address]]:
    """What is done to a version, only by posting."""
    return {name: [Address(name, reverse(name, args=[code]), ("post",))]}


def _asset_plans(code: str) -> dict[str, list[Address]]:
    """A plan that waits: compared, shown, and approved by another."""
    return {
        **one("operations:finance-asset-plan", plan=code),
        **one("operations:finance-asset-plan-csv", plan=code),
        **one("operations:finance-asset-plan-version", code),
        **one("operations:finance-asset-plan-lines", code),
        **one("api-asset-plan", plan=code),
        **_posted("operations:finance-asset-plan-approval", code),
        **_posted("operations:finance-asset-plan-give-up", code),
    }


def _exports() -> dict[str, list[Address]]:
    """An export that is ready, and its file."""
    job = ExportJob.objects.earliest("requested_at")
    return {
        **one("api-export-detail", job.pk),
        **one("api-export-file", job.pk, 1),
        **one("operations:finance-export", job.pk),
        **one("operations:finance-export-state", job.pk),
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
        **one("operations:finance-period", code),
        **one("api-reconciliation-detail", code),
        **one("operations:finance-version", code, 1),
        **one("operations:finance-version-csv", code, 1),
        **acts,
    }


def _documents(called: str, pk: int) -> dict[str, list[Address]]:
    """A document that waits, on its page and over HTTP. called: as in "write-down"."""
    act, here = f"operations:finance-{called}-act", f"/finance/{called}s/{pk}"
    approval = f"api-{called}-approval"
    return {
        **one(f"operations:finance-{called}", pk),
        act: [
            Address(f"{act} {word}", f"{here}/{word}", ("post",)) for word in ("approve", "give-up")
        ],
        **one(f"api-{called}-detail", pk),
        **one(f"api-{called}-preview", pk),
        approval: [Address(approval, f"/api/v1{here}/approve", ("post",))],
    }


def _revaluation(pk: int) -> dict[str, list[Address]]:
    """Of which lines and a trial have addresses of their own."""
    return {
        **one("operations:finance-revaluation-new", version="STD-LOWER"),
        **_documents("revaluation", pk),
        **one("operations:finance-revaluation-csv", pk),
        **one("api-revaluation-line-list", pk),
        "api-revaluation-trial": [
            Address("api-revaluation-trial", "/api/v1/finance/revaluations/preview", ("post",))
        ],
    }
