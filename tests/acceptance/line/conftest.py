"""One small line for all tests of this folder: simulated, read in by the ordinary doors, judged.

It stands in a transaction that is rolled back at the end; each test runs in a savepoint within it.
Nobody else sees its rows, autovacuum neither, so the line gathers the planner's statistics itself.
Tests here never ask for `transactional_db` or `live_server`, which would empty the tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client, override_settings
from django.utils import timezone
from knox.models import AuthToken
from pytest_django.plugin import DjangoDbBlocker

from finance.domain.invoices import InvoiceOrder, LineOrder
from finance.domain.kept_counts import counts_to_keep, written_counts
from finance.domain.queries import SEQ_MAX, LedgerQuery
from finance.domain.reconciling import Reconciled
from finance.domain.revaluations import RevaluationOrder
from finance.domain.words import ExportFormat, GapCode, InvoiceKind
from finance.models import (
    AssetPlan,
    AssetPlanLine,
    CostVersion,
    LedgerEntry,
    LedgerRead,
    Period,
    PeriodClose,
    PostingGap,
    PostingRules,
    StandardCost,
    WriteDown,
    WriteDownLine,
)
from finance.selectors.assets import asset_register
from finance.selectors.facts import waiting_lots
from finance.selectors.ledger import watermark
from finance.selectors.uninvoiced import UninvoicedAsked, uninvoiced
from finance.services import (
    ask_export,
    copy_reasons,
    prepare_invoice,
    prepare_revaluation,
    work_exports,
)
from intake.domain.words import STDF
from intake.models import (
    ExpectedFile,
    FeedMapping,
    MappedColumn,
    MatchRule,
    RawFile,
    WaferMap,
)
from lots.domain.words import Gate, Trigger, Verb
from lots.models import Event, FutureAction, Lot, Product, Supplier, Wafer, Waiver
from notices.models import Delivery, Endpoint, Notice, Subscription
from operations.domain.recall_questions import Question
from operations.domain.words import Origin
from operations.models import BulkItem, BulkJob
from operations.services.recalls import open_case
from quality.models import Disposition, DownBin, Issue, LimitVersion, Signature, YieldLimit
from quality.services import attach_file
from quality.services.disposition_frame import standing_of
from testing.models import BoardLayout, IdentityConflict, LotStep, RetestRule

CHIPS = 949
"""The fewest that still plant every cause: 80 packages in each of 12 lots."""

SEED = 19
"""20 packages a site do not prove every bad site; in this line it is plain: 7 of 20 pass."""

UNMATCHED = "unmatched.stdf"
END_AT = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """truth: what was planted. told: what loading it printed."""

    truth: dict[str, Any]
    told: str


@pytest.fixture(scope="package")
def line(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Line]:
    """Stands until the last test of this folder is over."""
    folder = tmp_path_factory.mktemp("line")
    with django_db_blocker.unblock(), own_folder(folder), transaction.atomic():
        line = _loaded(folder)
        make_people()
        fill_empty_tables()
        connection.cursor().execute("ANALYZE")
        yield line
        transaction.set_rollback(True)


def own_folder(folder: Path) -> override_settings:
    """Stored files, readings and the drop folder stand below this folder only."""
    default = settings.STORAGES["default"]
    options = {**default["OPTIONS"], "location": folder / "files"}
    storages = {**settings.STORAGES, "default": {**default, "OPTIONS": options}}
    return override_settings(VAR=folder, INBOX=folder / "inbox", STORAGES=storages)


def _loaded(folder: Path) -> Line:
    output = StringIO()
    call_command("load_demo", seed=SEED, chips=CHIPS, end_at=END_AT, stdout=output)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    truth = json.loads((folder / "demo-line" / "truth.json").read_text())
    return Line(truth, output.getvalue())


def fill_empty_tables() -> None:
    """A row for each list of the admin that a clean line leaves empty."""
    somebody = User.objects.create_user("somebody")
    product = Product.objects.get(code="TRN3")
    event = Event.objects.earliest("seq")
    DownBin.objects.create(product=product, step_code="NOWHERE", hard_bin=3)
    YieldLimit.objects.create(product=product, step_code="FT-HOT", ratio_min=0.5)
    BoardLayout.objects.create(code="BIB-48", sockets=[["S01", "S02"], ["S03", ""]])
    MatchRule.objects.create(name="By tester", tester_pattern="^UF", step_code="CP1")
    RawFile.objects.create(name=UNMATCHED, sha256="0" * 64, size=1, kind=STDF, state="unmatched")
    PostingGap.objects.create(
        event=event, seq=event.seq, code=GapCode.MISSING_COST, closed_at=timezone.now()
    )
    close = PeriodClose.objects.create(
        period=Period.objects.get(code="2024-01"), version=1, seq=0, sha256="0" * 64,
        prepared_by=somebody,
        reconciliation=written_counts(counts_to_keep(Reconciled((), ()), 0)),
    )  # fmt: skip
    close.approved_by = User.objects.get(username="Administrator")
    close.approved_at = timezone.now()
    close.save()
    Waiver.objects.create(
        gate=Gate.RESULTS,
        step=event.lot.step,
        product=product,
        reason="tester down",
        quantity=10,
        valid_from=END_AT,
        valid_to=END_AT + timedelta(days=30),
        requested_by=somebody,
    )
    FutureAction.objects.create(
        product=product, trigger=Trigger.EVENT, on_verb=Verb.SHIP, verb=Verb.BANK, reason="look"
    )
    fill_feeds()
    IdentityConflict.objects.create(
        lot_step=LotStep.objects.earliest("id"), kind="two-ids", subject="3:4", names="A-01, A-02"
    )
    RetestRule.objects.create(
        product=product, step_code="FT-HOT", policy="best-v1", valid_from=END_AT,
        reason="contact fails", prepared_by=somebody,
    )  # fmt: skip
    propose(somebody)
    LimitVersion.objects.create(
        product=Product.objects.get(code="TRN3-DIE"), step_code="CP1", kind="syl",
        subject="final-yield", number=1, lots_max=60, units_min=20, sigmas=3, share_min=0.75,
        count_min=1, low=0.5, middle=0.8, method="robust-3s-v1", is_provisional=False, as_of_seq=1,
        reason="for the tests", prepared_by=somebody,
    )  # fmt: skip
    open_case(
        question=Question(Origin.LOT, names=("N3W010",)),
        title="edge ring",
        reason="for the tests",
        actor=somebody,
    )
    write_down(somebody)
    enter_invoice(somebody)
    revalue(User.objects.get(username="Administrator"))
    plan_assets(somebody)
    prepare_rules(somebody)
    tell(somebody)
    export(User.objects.get(username="Administrator"))
    LedgerRead.objects.create(reader=somebody, as_of_seq=1, row_count=1, is_whole=True)
    LogEntry.objects.log_actions(somebody.pk, [product], CHANGE, change_message="price")
    AuthToken.objects.create(somebody)
    job = BulkJob.objects.create(
        verb="move", answers={"to_step": "CP1"}, occurred_at=timezone.now(), created_by=somebody
    )
    BulkItem.objects.create(job=job, lot=event.lot, version=1)


def export(somebody: User) -> None:
    """A ledger that was taken away, with its file."""
    query = LedgerQuery(limit=0, as_of_seq=100)
    ask_export(query=query, kind=ExportFormat.CSV, key="line", actor=somebody)
    assert not work_exports()


def write_down(somebody: User) -> None:
    """A document that waits, of a lot as it is carried."""
    stock = LedgerEntry.objects.filter(account__in=["inventory", "in-transit"]).values("lot")
    sums = stock.annotate(units=Sum("quantity"), money=Sum("amount")).filter(money__gt=1)
    lot = sums.order_by("lot")[0]
    document = WriteDown.objects.create(
        effective_on=END_AT.date(), reason="obsolete", evidence="an offer", prepared_by=somebody
    )
    WriteDownLine.objects.create(
        write_down=document,
        lot=Lot.objects.get(code=lot["lot"]),
        amount=1,
        carried_quantity=lot["units"],
        carried_amount=lot["money"],
    )


def enter_invoice(somebody: User) -> None:
    """An invoice that waits, of one unit of a lot that was bought."""
    found = uninvoiced(UninvoicedAsked(watermark(None).seq, END_AT.date()))
    owed = waiting_lots({row.lot for row in found.rows}, SEQ_MAX)
    row = next(row for row in found.rows if row.quantity > 0 and row.lot not in owed)
    order = InvoiceOrder(
        supplier=row.supplier,
        number="4711",
        kind=InvoiceKind.INVOICE,
        invoiced_on=END_AT.date(),
        currency="USD",
        evidence="an order",
        lines=(LineOrder(row.lot, 1, Decimal(1)),),
    )
    somebody.user_permissions.add(Permission.objects.get(codename="add_invoice"))
    prepare_invoice(order=order, key="line", preparer=User.objects.get(pk=somebody.pk))


def revalue(preparer: User) -> None:
    """Costs that are a tenth lower from the last day on, and a document that waits for it."""
    old = CostVersion.objects.filter(approved_at__isnull=False).latest("effective_on")
    costs = list(old.costs.all())
    version = CostVersion.objects.create(
        code="STD-LOWER", effective_on=END_AT.date(), prepared_by=old.prepared_by
    )
    for cost in costs:
        cost.pk, cost.version, cost.unit_cost = None, version, cost.unit_cost * 9 / 10
    StandardCost.objects.bulk_create(costs)
    version.approved_by, version.approved_at = old.approved_by, END_AT
    version.save()
    order = RevaluationOrder(version.code, END_AT.date(), "new-standard", "an agreement")
    prepare_revaluation(order=order, key="line", preparer=preparer)


def prepare_rules(somebody: User) -> None:
    """Posting rules that wait, by which one more reason is planned for."""
    rules = PostingRules.objects.create(
        code="RULES-2", effective_on=END_AT.date() + timedelta(days=30), prepared_by=somebody
    )
    copy_reasons(rules=rules)
    rules.reasons.create(reason="handling")


def plan_assets(somebody: User) -> None:
    """A plan that waits, of what stands in a data centre."""
    plan = AssetPlan.objects.create(code="PLAN-1", effective_on=END_AT.date(), prepared_by=somebody)
    item = next(one.item for one in asset_register().assets if one.serial)
    AssetPlanLine.objects.create(
        plan=plan, item_id=item, month_id=f"{END_AT:%Y-%m}", quantity=2, unit_cost=1000
    )


def tell(somebody: User) -> None:
    """A receiver of webhooks, what an administrator subscribed to, and what waits for both."""
    endpoint = Endpoint.objects.create(name="chat", url="https://a.example/", created_by=somebody)
    listener = User.objects.get(username="Administrator")
    notice = Notice.objects.create(
        kind="test", key="for the tests", cause="tests", severity="major", subject="A test",
        address="/issues", right="quality.view_issue", occurred_at=END_AT, spread_at=END_AT,
    )  # fmt: skip
    for whose in ({"endpoint": endpoint}, {"person": listener}):
        subscription = Subscription.objects.create(**whose)
        Delivery.objects.create(notice=notice, subscription=subscription, due_at=END_AT)


def propose(somebody: User) -> None:
    """A disposition that waits for Quality and a file of another issue, as rows."""
    issue = Issue.objects.filter(rule__detector="yield-below-limit", lot__code="N3W010").get()
    assert issue.lot is not None
    disposition = Disposition.objects.create(
        issue=issue,
        kind="scrap",
        lot=issue.lot,
        quantity=1,
        standing=asdict(standing_of(issue.lot)),
        reason="for the tests",
        proposed_by=somebody,
        proposed_at=END_AT,
    )
    Signature.objects.create(disposition=disposition, role=Group.objects.get(name="Quality"))
    other = Issue.objects.exclude(pk=issue.pk).earliest("id")
    attach_file(issue=other, stream=BytesIO(b"a note"), name="note.txt", actor=somebody)


def fill_feeds() -> None:
    """A partner's own columns, a file it owes, and a map it drew."""
    supplier = Supplier.objects.get(code="OSAT1")
    mapping = FeedMapping.objects.create(
        name="Other house", supplier=supplier, kind="wip", file_pattern="other_*.csv"
    )
    MappedColumn.objects.create(mapping=mapping, ours="lot", theirs="LOT ID")
    ExpectedFile.objects.create(name="Daily WIP", supplier=supplier, kind="wip", every_hours=24)
    WaferMap.objects.create(
        file=RawFile.objects.earliest("id"),
        number=1,
        wafer=Wafer.objects.earliest("id"),
        origin="upper-left",
        axis="down-right",
        bins=[["1", True, "good"]],
        dies=[[0, 0, "1"]],
        die_count=1,
        good_count=1,
        occurred_at=END_AT,
    )


def make_people() -> None:
    """One person of each role, named after it, who may enter the pages."""
    for group in Group.objects.all():
        User.objects.create_user(group.name, is_staff=True).groups.add(group)


@pytest.fixture
def site(line: Line, db: None) -> Client:
    """Signed in with every right that a role can give."""
    client = Client()
    client.force_login(User.objects.get(username="Administrator"))
    return client
