"""Parts of a lot named by the bins that its units ended in."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from lots.domain.bins import named_bins
from lots.domain.commands import DieOrder, Selection
from lots.domain.errors import QuantityError
from lots.domain.words import BinKind, Verb
from lots.models import Event, Hold, Lot
from lots.services import record_loss, scrap_units, split_lot
from lots.tests.making import again, command, counted_lot, dice, wafer_lot
from testing.domain.words import Outcome
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

FAIL = Outcome.FAIL
BIN_5 = Selection(bins=named_bins("5"))


def chips_tested(line: Line) -> None:
    """C1 passes, C2 falls in bin 5 until it is tested again, C3 in bin 7."""
    parts = (
        Part(part_id="C1", soft_bin=11),
        Part(part_id="C2", outcome=FAIL, hard_bin=5, soft_bin=52),
        Part(part_id="C3", outcome=FAIL, hard_bin=7, soft_bin=52),
    )
    record_run(line.tested(*parts).record())


def split_by(lot: Lot, text: str, kind: BinKind = BinKind.HARD) -> Event:
    selection = Selection(bins=named_bins(text, kind))
    return split_lot(lot=lot, child_code="AS-1.1", selection=selection, command=command())


def serials(code: str) -> list[str]:
    return sorted(Lot.objects.get(code=code).units.values_list("serial", flat=True))


def test_a_lot_is_split_by_hard_bins(line: Line) -> None:
    chips_tested(line)
    event = split_by(line.chip_lot, "5-7")
    assert serials("AS-1.1") == ["C2", "C3"]
    assert event.payload["binned"] == {
        "kind": "hard", "step": "FT-HOT", "counts": {"5": 1, "7": 1},
    }  # fmt: skip


def test_a_lot_is_split_by_soft_bins(line: Line) -> None:
    chips_tested(line)
    split_by(line.chip_lot, "52", BinKind.SOFT)
    assert serials("AS-1.1") == ["C2", "C3"]


def test_the_deciding_insertion_says_the_bin(line: Line) -> None:
    chips_tested(line)
    record_run(line.tested(Part(part_id="C2"), sha256="b" * 64, hours=2).record())
    split_by(line.chip_lot, "1")
    assert serials("AS-1.1") == ["C1", "C2"]


def test_only_the_step_tested_last_counts(line: Line) -> None:
    chips_tested(line)
    cold = line.chip_lot.route_version.steps.get(code="FT-COLD")
    parts = (Part(part_id="C1", hard_bin=3), Part(part_id="C2"), Part(part_id="C3"))
    record_run(line.tested(*parts, step_id=cold.pk, sha256="b" * 64, hours=5).record())
    event = split_by(line.chip_lot, "3")
    assert serials("AS-1.1") == ["C1"]
    assert event.payload["binned"]["step"] == "FT-COLD"


def test_results_taken_under_the_parent_lot_go_with_the_units(line: Line) -> None:
    chips_tested(line)
    split_by(line.chip_lot, "5-7")
    child = Lot.objects.get(code="AS-1.1")
    split_lot(lot=child, child_code="AS-1.2", selection=BIN_5, command=command())
    assert serials("AS-1.2") == ["C2"]


def test_a_repeat_is_known_by_the_bins_it_named(line: Line) -> None:
    chips_tested(line)
    order = command("once")
    asked: dict[str, Any] = {"lot": line.chip_lot, "child_code": "AS-1.1", "command": order}
    first = split_lot(selection=BIN_5, **asked)
    assert split_lot(selection=BIN_5, **asked) == first


def test_units_are_lost_and_scrapped_by_bin(line: Line) -> None:
    chips_tested(line)
    lost = record_loss(lot=line.chip_lot, selection=BIN_5, command=command(reason="test-reject"))
    assert lost.payload["binned"]["counts"] == {"5": 1}
    scrap_units(
        lot=again(line.chip_lot),
        selection=Selection(bins=named_bins("7")),
        command=command(reason="handling"),
    )
    states = line.chip_lot.units.order_by("serial").values_list("state", flat=True)
    assert list(states) == ["good", "reject", "scrapped"]
    assert again(line.chip_lot).quantity == 1


def test_dies_sorted_before_they_had_serials_have_the_bin_of_their_place(line: Line) -> None:
    places = [(0, 1, 1), (0, 1, 2), (1, 1, 1)]
    parts = [Part(place=place, hard_bin=3 if place[2] == 2 else 1) for place in places]
    lot = wafer_lot("W1", step="DICE", wafers=2)
    wafer_ids = list(lot.wafers.order_by("number").values_list("id", flat=True))
    record_run(line.sorted(*parts, lot_id=lot.pk, wafer_ids=wafer_ids).record())
    dice(lot, [DieOrder(wafer + 1, x, y, is_good=True) for wafer, x, y in places])
    selection = Selection(bins=named_bins("3"))
    split_lot(lot=again(lot), child_code="W1.1", selection=selection, command=command())
    assert serials("W1.1") == ["W1-01:1:2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("9", "No unit of lot AS-1 ended in hard bin 9"), ("1-7", "3 is no part to split off")],
)
def test_bins_of_no_unit_and_of_all_units_are_refused(line: Line, text: str, message: str) -> None:
    chips_tested(line)
    with pytest.raises(QuantityError, match=message):
        split_by(line.chip_lot, text)


def test_a_lot_without_results_is_refused(line: Line) -> None:
    with pytest.raises(QuantityError, match="No unit of lot AS-1 has a test result"):
        split_by(line.chip_lot, "5")


def test_units_without_a_result_are_named(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), Part(part_id="C2")).record())
    with pytest.raises(QuantityError, match=r"1 of 3 units of lot AS-1 .* FT-HOT.*: C3\."):
        split_by(line.chip_lot, "1")


def test_wafers_and_counts_have_no_bins(line: Line) -> None:
    with pytest.raises(QuantityError, match="still whole wafers"):
        split_by(line.wafer_lot, "5")
    with pytest.raises(QuantityError, match="no units with serials, and bins are of units"):
        split_by(counted_lot(), "5")


@pytest.fixture
def api(client: Client, db: None) -> Client:
    user = User.objects.create_user("operator")
    rights = ["view_lot", "view_event", "split_lot", "hold_lot"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


def sent(api: Client, verb: str, query: str = "", **body: Any) -> Any:
    asked = {"verb": verb, "occurred_at": "2026-03-02T08:00:00Z", **body}
    address = f"/api/v1/lots/AS-1/events{query}"
    return api.post(address, asked, "application/json", headers={"Idempotency-Key": verb})


def test_bins_are_named_over_http_and_shown_first(line: Line, api: Client) -> None:
    chips_tested(line)
    asked = {"child": "AS-1.1", "bins": "bin 5 to 7"}
    shown = sent(api, "split", "?preview=1", **asked).json()
    assert shown["event"]["payload"]["binned"]["counts"] == {"5": 1, "7": 1}
    assert not Lot.objects.filter(code="AS-1.1").exists()
    assert sent(api, "split", **asked).status_code == 200
    assert sent(api, "split", **asked).status_code == 200
    assert serials("AS-1.1") == ["C2", "C3"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"bins": "five"}, 400),
        ({"bins": "5", "serials": ["C1"]}, 400),
        ({"bins": ""}, 400),
        ({"bins": "5", "bin_kind": "firm"}, 400),
        ({"bins": "5", "bin_kind": "soft"}, 422),
    ],
)
def test_what_names_no_bin_is_refused_over_http(
    line: Line, api: Client, body: dict[str, Any], status: int
) -> None:
    chips_tested(line)
    assert sent(api, "split", child="X", **body).status_code == status


def test_a_hold_over_http_finds_the_units_of_its_bin(line: Line, api: Client) -> None:
    chips_tested(line)
    asked = {"hold_class": "quality", "hold_reason": "leak", "scope": "bin"}
    assert sent(api, "hold", **asked, bin_number=9).status_code == 422
    answer = sent(api, "hold", **asked, bin_number=5)
    assert answer.json()["payload"]["serials"] == ["C2"]
    assert Event.objects.filter(verb=Verb.HOLD).count() == 1
    assert Hold.objects.get().items.get().unit.serial == "C2"  # type: ignore[union-attr]
