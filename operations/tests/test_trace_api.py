"""One call from a rack slot to lot, wafer, X and Y, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from lots.domain.commands import HoldOrder
from lots.domain.words import HoldClass
from lots.services import hold_lot
from operations.tests.line import Line, command

pytestmark = pytest.mark.django_db


def test_a_chip_leads_up_to_its_slot_and_down_to_its_dies(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    body = as_role("Auditor").get("/api/v1/units/T3-26-00001/trace").json()
    assert body["unit"]["kind"] == "package"
    assert body["lot"] == "AQ17"
    assert (body["wafer"], body["x"], body["y"], body["trust"]) == (None, None, None, "seen")
    assert [(one["unit"]["serial"], one["position"]) for one in body["containers"]] == [
        ("SRV4-0000", "C1")
    ]
    first, second = body["parts"]
    assert first["unit"]["wafer"] == "W7Q1-01"
    assert (first["position"], second["position"]) == ("D0", "D1")
    assert {name: body["placement"][name] for name in ("site", "hall", "rack", "slot")} == {
        "site": "PDX1",
        "hall": "H2",
        "rack": "RK-0007",
        "slot": 1,
    }


def test_a_die_leads_up_to_the_same_slot(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Auditor")
    chip = client.get("/api/v1/units/T3-26-00001/trace").json()
    die = chip["parts"][0]["unit"]
    body = client.get(f"/api/v1/units/{die['serial']}/trace").json()
    assert (body["lot"], body["wafer"], body["x"], body["y"]) == (
        "W7Q1",
        die["wafer"],
        die["x"],
        die["y"],
    )
    assert [one["unit"]["kind"] for one in body["containers"]] == ["package", "server"]
    assert body["placement"] == chip["placement"]


def test_a_slot_leads_down_to_every_die(line: Line, as_role: Callable[[str], Client]) -> None:
    body = as_role("Auditor").get("/api/v1/racks/RK-0007/slots/2/trace").json()
    assert body["unit"]["serial"] == "SRV4-0001"
    kinds = [one["unit"]["kind"] for one in body["parts"]]
    assert (kinds.count("package"), kinds.count("die")) == (4, 8)
    assert all(one["unit"]["wafer"] for one in body["parts"] if one["unit"]["kind"] == "die")


@pytest.mark.parametrize(
    "address", ["/api/v1/units/SRV4-0000/trace", "/api/v1/racks/RK-0007/slots/1/trace"]
)
def test_a_trace_takes_a_fixed_number_of_queries(
    address: str, line: Line, as_role: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    client = as_role("Auditor")
    with django_assert_max_num_queries(13):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/units/NONE/trace",
        "/api/v1/racks/RK-0007/slots/8/trace",
        "/api/v1/racks/NONE/slots/1/trace",
    ],
)
def test_what_is_not_there_is_a_problem(
    address: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Auditor").get(address)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_strangers_learn_nothing(client: Client, line: Line) -> None:
    assert client.get("/api/v1/units/SRV4-0000/trace").status_code == 401


def test_unknown_parameters_are_refused(line: Line, as_role: Callable[[str], Client]) -> None:
    assert as_role("Auditor").get("/api/v1/units/SRV4-0000/trace?deep=1").status_code == 400


def test_a_trace_names_holds_and_issues_of_its_lots(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    order = HoldOrder(HoldClass.QUALITY, "late news")
    hold_lot(lot=line.wafer_lot, order=order, command=command(1))
    body = as_role("Auditor").get("/api/v1/units/SRV4-0000/trace").json()
    (hold,) = body["holds"]
    assert (hold["lot"], hold["reason"]) == ("W7Q1", "late news")
    assert hold["placed_at"]
    assert body["issues"] == ["Q-000002"]


def test_issues_are_for_those_who_may_see_them(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    Permission.objects.get(codename="view_issue").group_set.clear()
    body = as_role("Finance").get("/api/v1/units/SRV4-0000/trace").json()
    assert body["issues"] is None
    assert body["holds"] == []
