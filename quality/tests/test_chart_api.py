"""Control charts over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from quality.tests.building import Figures, bare_lot, ordinary_lots, raised
from quality.tests.test_control_charts import frozen, late_lot
from quality.tests.test_figure_lots import stayed
from quality.tests.test_limit_api import client_of

pytestmark = pytest.mark.usefixtures("rules")
ASKED = {"product": "TRN3", "step": "FT-HOT", "kind": "chart-laney"}
VIEW = "view_limitversion"


def got(*rights: str, status: int = 200, **more: Any) -> Any:
    client = client_of("reader", *rights)
    asked = {name: word for name, word in {**ASKED, **more}.items() if word}
    answer = client.get("/api/v1/charts", asked)
    assert answer.status_code == status, answer.json()
    return answer.json()


def test_a_signal_tells_its_rule_its_limit_and_its_issue() -> None:
    version = frozen()
    lot = late_lot()
    issue = raised(lot_id=lot.pk, step_id=lot.step_id)
    chart = got(VIEW, "view_issue")
    assert (chart["version"], chart["subject"]) == (version.pk, "final-yield")
    late = chart["lots"][-1]
    (point,) = late["points"]
    assert point["value"] == 0.75 < point["low"]
    assert [rule["number"] for rule in point["rules"]] == [1]
    assert late["issues"] == [issue.number]
    assert not late["is_first_phase"]
    out = chart["lots"][-2]
    assert (out["left_out"], out["points"]) == ("oven fault", [])


def test_issues_are_for_those_who_may_see_them() -> None:
    frozen()
    lot = late_lot()
    raised(lot_id=lot.pk, step_id=lot.step_id)
    assert got(VIEW)["lots"][-1]["issues"] == []


def test_limits_on_trial_have_no_version() -> None:
    ordinary_lots()
    Figures(passed=150, days=10).of(bare_lot("LOW"))
    chart = got(VIEW, kind="chart-imr", rules="nelson")
    assert chart["version"] is None
    assert chart["is_provisional"]
    assert [panel["title"] for panel in chart["panels"]] == [
        "Share of each lot", "Moving range, logits",
    ]  # fmt: skip
    assert chart["lots"][0]["points"][1] is None


def test_a_figure_that_is_measured_is_in_its_unit() -> None:
    for number, hours in enumerate([20, 24, 22, 300]):
        stayed(f"S{number}", hours)
    chart = got(VIEW, product="TRN3-DIE", step="BUMP", kind="chart-imr", subject="step-hours")
    assert (chart["title"], chart["unit"]) == ("Hours at the step", "h")
    times, ranges = chart["panels"]
    assert (times["is_ratio"], times["is_in_unit"], ranges["is_in_unit"]) == (False, True, False)
    assert [lot["value"] for lot in chart["lots"]] == [20.0, 22.0, 24.0, 300.0]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"product": "NONE"}, 404),
        ({"step": "NONE"}, 404),
        ({"kind": "syl"}, 400),
        ({"kind": ""}, 400),
        ({"rules": "loud"}, 400),
        ({"loud": "1"}, 400),
        ({"subject": "yield"}, 400),
        ({"subject": "step-hours"}, 400),
        ({}, 422),
    ],
)
def test_what_cannot_be_charted_is_refused(wrong: dict[str, Any], status: int) -> None:
    got(VIEW, status=status, **wrong)


def test_a_right_is_asked_for() -> None:
    got("view_issue", status=403)
