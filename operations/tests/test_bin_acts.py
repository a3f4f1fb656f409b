"""Parts of a lot named by bin on pages."""

from __future__ import annotations

import pytest

from lots.models import FutureAction, Lot
from operations.tests.line import run_record, step
from operations.tests.test_more_acts import Acting, somebody
from testing.services import record_run
from testing.tests.builders import Part

__all__ = ["somebody"]

pytestmark = pytest.mark.django_db


def test_a_split_by_bins_shows_how_many_fell_in_each(somebody: Acting) -> None:
    lot = Lot.objects.get(code="AQ17")
    serials = lot.units.filter(state="good", parent_edges=None).order_by("id")
    names = serials.values_list("serial", flat=True)
    parts = [
        Part(part_id=name, hard_bin=(3, 1, 5)[number] if number < 3 else 1)
        for number, name in enumerate(names)
    ]
    record_run(run=run_record(lot, step("A", "FT-COLD"), parts, 2))
    page = somebody.ask("AQ17", "split")
    assert "Or bins" in page
    answers = {"child_code": "AQ17.B", "serials": "", "bins": "3, 5-7", "bin_kind": "hard"}
    text = somebody.preview("AQ17", "split", **answers)
    assert "Hard bin 3 at FT-COLD" in text
    assert "Hard bin 5 at FT-COLD" in text
    somebody.done("AQ17", "split", **answers)
    assert set(Lot.objects.get(code="AQ17.B").units.values_list("serial", flat=True)) == {
        parts[0].part_id, parts[2].part_id,
    }  # fmt: skip
    wrong = somebody.preview("AQ17", "split", **{**answers, "bins": "7-5"})
    assert "7-5 is no range of bins" in wrong


def test_what_falls_in_a_bin_is_planned_to_be_split_off(somebody: Acting) -> None:
    somebody.done(
        "AQ17", "plan", trigger="leaves", step=step("A", "FT-COLD").pk, future_verb="split",
        reason="sort out", hold_class="quality", owner="", bins="5-7, 3", bin_kind="soft",
    )  # fmt: skip
    planned = FutureAction.objects.get(reason="sort out")
    assert planned.order == {"bins": "3, 5-7", "bin_kind": "soft"}
