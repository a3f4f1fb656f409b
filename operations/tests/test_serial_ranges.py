"""Serials on forms, with ranges as people write them."""

from __future__ import annotations

import pytest

from lots.domain.words import HoldScope
from lots.models import Hold, Lot, Supplier
from operations.domain.words import Origin
from operations.forms.recalls import RECALL_FORMS
from operations.forms.receiving import ReceiveForm
from operations.tests.line import Line
from operations.tests.test_more_acts import Acting, somebody

__all__ = ["somebody"]

pytestmark = pytest.mark.django_db
THREE = {f"T3-26-{number:05d}" for number in (9, 10, 11)}


def test_a_split_takes_a_range_of_serials(somebody: Acting) -> None:
    assert "M1-008..M1-011 names four" in somebody.ask("AQ17", "split")
    lot = somebody.done("AQ17", "split", child_code="AQ17.R", serials="T3-26-00009..T3-26-00011")
    assert lot.quantity == 5
    child = Lot.objects.get(code="AQ17.R")
    assert set(child.units.values_list("serial", flat=True)) == THREE


def test_a_hold_takes_a_range_of_serials(somebody: Acting) -> None:
    somebody.done(
        "AQ17", "hold", hold_class="quality", hold_reason="dust", scope=HoldScope.UNIT,
        serials="T3-26-00009 to T3-26-00011",
    )  # fmt: skip
    items = Hold.objects.get(reason="dust").items.values_list("unit__serial", flat=True)
    assert set(items) == THREE


@pytest.mark.parametrize(
    ("serials", "fault"),
    [
        ("T3-26-00011..T3-26-00009", "does not rise"),
        ("T3-26-00009..", "without its two ends"),
        ("T3-1..T3-99999", "names over 10,000"),
    ],
)
def test_a_range_that_means_nothing_is_refused_beside_its_field(
    somebody: Acting, serials: str, fault: str
) -> None:
    assert fault in somebody.preview("AQ17", "split", child_code="X", serials=serials)


def test_a_recall_takes_ranges(line: Line) -> None:
    asked = {"names": "T3-26-00009..T3-26-00011"}
    form = RECALL_FORMS[Origin.SERIALS](asked)
    assert form.is_valid(), form.errors
    assert set(form.cleaned_data["question"].names) == THREE
    assert "does not rise" in str(RECALL_FORMS[Origin.SERIALS]({"names": "A5..A2"}).errors)


def test_a_received_lot_takes_ranges(line: Line) -> None:
    form = ReceiveForm({"serials": "Q-98..Q-101", "supplier": Supplier.objects.first()})
    form.is_valid()
    assert form.cleaned_data["serials"] == ("Q-98", "Q-99", "Q-100", "Q-101")
