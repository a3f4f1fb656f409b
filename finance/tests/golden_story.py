"""docs/golden-lot.md carried out from its first step to its last, and compared with the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.management import call_command

import finance.services
import lots.services
import testing.services
from finance.models import CostVersion, LedgerEntry, PostingGap, StandardCost
from finance.services import approve_cost_version, post_events
from finance.tests.golden_acts import carry_out, lesser_product
from finance.tests.golden_books import Books, Told, ends
from finance.tests.golden_page import Page, Row, Section, Step
from finance.tests.golden_sums import is_true, number, numbers
from finance.tests.posted import unnamed_postings
from lots.models import Product

MORNING = time(18, tzinfo=UTC)
"""Ten or eleven o'clock at the plant, on the same day."""


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that came of the page. costs, ends: heading → rows. entries: in the ledger.

    unnamed: lines that the table of postings does not name.
    """

    costs: dict[str, tuple[Row, ...]]
    steps: tuple[Told, ...]
    ends: dict[str, tuple[Row, ...]]
    entries: int
    unnamed: tuple[str, ...]


def carried_out(page: Page) -> Story:
    """Into an empty database."""
    for room in (lots, testing, finance):
        room.services.load_reference()
    _set_up(page.costs)
    books = Books()
    steps = tuple(_told(place, step, books) for place, step in enumerate(page.steps, start=1))
    assert not PostingGap.objects.exists()
    call_command("verify_subledger", verbosity=0)
    costs = {title: section.rows for title, section in page.costs.items()}
    unnamed, _ = unnamed_postings()
    return Story(costs, steps, ends(), LedgerEntry.objects.count(), tuple(unnamed))


def _set_up(costs: dict[str, Section]) -> None:
    preparer, approver = (User.objects.create_user(name) for name in ("preparer", "approver"))
    (names, *rows), (_, *versions) = costs["Standard costs"].rows, costs["Versions"].rows
    known = set(Product.objects.values_list("code", flat=True))
    for item in sorted({row[0] for row in rows} - known):
        lesser_product(item, item.rsplit("-", 1)[0])
    for code, first_day in versions:
        version = CostVersion.objects.create(
            code=code, effective_on=date.fromisoformat(first_day), prepared_by=preparer
        )
        for row in rows:
            if cost := row[names.index(code)]:
                StandardCost.objects.create(
                    version=version,
                    item_id=row[0],
                    stage_id=row[1],
                    unit_cost=_decimal(cost),
                    yield_ratio=_decimal(row[2]) if row[2] else None,
                )
        approve_cost_version(version=version, approver=approver)


def _decimal(text: str) -> Decimal:
    value = number(text)
    return Decimal(value.numerator) / Decimal(value.denominator)


def _told(place: int, step: Step, books: Books) -> Told:
    begun = datetime.combine(step.day, MORNING) + timedelta(minutes=place)
    for later, act in enumerate(step.acts):
        carry_out(act, begun + timedelta(seconds=later))
    post_events()
    return Told(place, step.day, step.acts, books.read_on(step.day))


def step_faults(step: Step, told: Told) -> list[str]:
    """Where the step on the page differs from what carrying it out told, or from arithmetic."""
    pairs = [
        ("number", step.number, told.number),
        ("day", step.day, told.day),
        ("acts", step.acts, told.acts),
        ("lines", len(step.body.rows), len(told.rows)),
        *(("line", *rows) for rows in zip(step.body.rows, told.rows, strict=False)),
    ]
    faults = [f"{step.number}: {name} {ours} is {theirs}" for name, ours, theirs in pairs
              if ours != theirs]  # fmt: skip
    return faults + sum_faults(step.body, "amount")


def section_faults(section: Section, rows: tuple[Row, ...] | None) -> list[str]:
    """The same of a section with a table beside the steps. rows: None where none is known."""
    is_alike = section.rows == rows
    return sum_faults(section) + ([] if is_alike else [f"{section.title}: {rows} is in the books"])


def sum_faults(section: Section, column: str = "") -> list[str]:
    """Sums that are wrong, and amounts of the table's column, or its last, that none explains."""
    faults = [f"{section.title}: {text} is wrong" for text in section.sums if not is_true(text)]
    shown = set().union(*map(numbers, section.sums))
    if section.rows and (section.sums or column):
        place = section.rows[0].index(column) if column else -1
        faults += [
            f"{section.title}: no sum gives {row[place]}"
            for row in section.rows[1:]
            if not numbers(row[place]) <= shown | {0}
        ]
    return faults
