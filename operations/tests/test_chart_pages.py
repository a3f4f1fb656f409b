"""Control charts on pages: trial limits, released ones, signals and what may lie behind them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from lots.models import Product
from operations.tests.line import Line
from quality.domain.limit_sets import LimitAsked
from quality.domain.words import LimitKind
from quality.models import LimitVersion
from quality.services import approve_limit, prepare_limit
from quality.tests.building import Figures, bare_lot, ordinary_lots, raised
from quality.tests.test_figure_lots import stayed
from quality.tests.test_outliers import sorted_lot
from testing.models import Parameter

pytestmark = pytest.mark.django_db
ASKED = {"product": "TRN3", "step_code": "FT-HOT", "kind": "chart-p", "subject": "final-yield"}


@pytest.fixture
def history(line: Line) -> None:
    ordinary_lots()
    lot = bare_lot("LOW")
    Figures(passed=150, days=10, bins={"5": 50}).of(lot)
    raised(lot_id=lot.pk, step_id=lot.step_id, title="oven too cold")


def shown(client: Client, **more: Any) -> str:
    return client.get("/charts", {**ASKED, **more}).content.decode()


def released() -> LimitVersion:
    """Limits of the ordinary lots; two administrators, one prepares and one approves."""
    ann, ben = (User.objects.create_superuser(name) for name in ("ann", "ben"))
    product = Product.objects.get(code="TRN3").pk
    version = prepare_limit(
        asked=LimitAsked(product, "FT-HOT", LimitKind.CHART_P, "final-yield"),
        left_out={"LOW": "oven fault"},
        reason="first phase",
        valid_from=None,
        actor=ann,
    )
    return approve_limit(version_id=version.pk, actor=ben, now=timezone.now())


@pytest.mark.usefixtures("history")
def test_a_signal_shows_rule_limits_and_the_issue(as_role: Callable[[str], Client]) -> None:
    text = shown(as_role("Quality"))
    assert "Trial limits" in text
    assert "1: 1 point beyond 3 sigma" in text
    assert "oven too cold" in text
    assert "Something happened to this lot alone" in text
    assert "Nobody released limits" in text


@pytest.mark.usefixtures("history")
def test_released_limits_show_who_was_left_out(as_role: Callable[[str], Client]) -> None:
    version = released()
    client = as_role("Auditor")
    text = shown(client)
    assert "Released limits" in text
    assert "Left out: oven fault" in text
    assert "No lot breaks the rules" in text
    assert "Prepare its limits" not in text
    listed = client.get("/charts").content.decode()
    assert "kind=chart-p&amp;subject=final-yield" in listed
    text = client.get(f"/limits/{version.pk}").content.decode()
    assert "signalled at" in text
    assert "/charts?product=TRN3&amp;step_code=FT-HOT&amp;kind=chart-p" in text


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("kind", [kind for kind in LimitKind if kind.startswith("chart-")])
@pytest.mark.parametrize("rules", ["western-electric", "nelson"])
def test_every_chart_has_its_pictures_and_its_table(
    as_role: Callable[[str], Client], kind: str, rules: str
) -> None:
    text = shown(as_role("Test engineer"), kind=kind, subject="5", rules=rules)
    count = 2 if kind in {"chart-imr", "chart-cusum"} else 1
    assert text.count("sc-trend sc-control") == count
    assert text.count('<th scope="col" class="sc-number">High</th>') >= count
    assert "Prepare its limits" in text


HOURS = {"product": "TRN3-DIE", "step_code": "BUMP", "figure": "step-hours", "kind": ""}


@pytest.fixture
def stays(line: Line) -> None:
    for number, hours in enumerate([20, 24, 22, 25, 21, 400]):
        stayed(f"=S{number}" if number else "S0", hours)


@pytest.mark.usefixtures("stays")
def test_figures_are_picked_from_groups_and_shown_in_their_unit(
    as_role: Callable[[str], Client],
) -> None:
    text = as_role("Quality").get("/charts", HOURS).content.decode()
    assert '<optgroup label="Time">' in text
    assert "Hours at the step of TRN3-DIE at BUMP" in text
    assert "I-MR chart" in text, "as fits the figure"
    assert "<h3>Time of each lot, h</h3>" in text
    assert "<h3>Moving range, logs</h3>" in text
    assert "Left the step" in text
    assert "moving range beyond its limit" in text


def test_values_of_a_test_are_shown_as_its_file_asks(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    for number in range(3):
        sorted_lot(number)
    Parameter.objects.filter(number=100).update(scale=3)
    asked = {**HOURS, "step_code": "CP1", "figure": "test-median", "number": "100"}
    client = as_role("Quality")
    text = client.get("/charts", asked).content.decode()
    assert "Median of test 100 idd of TRN3-DIE at CP1" in text
    assert "<h3>Value of each lot, mA</h3>" in text
    assert "<h3>Moving range, mA</h3>" in text
    sheet = client.get("/charts.csv", asked).content.decode()
    assert "Value of each lot, A," in sheet


@pytest.mark.usefixtures("stays")
def test_a_chart_is_taken_away_as_a_sheet(as_role: Callable[[str], Client]) -> None:
    answer = as_role("Auditor").get("/charts.csv", HOURS)
    assert "chart-trn3-die-bump-step-hours.csv" in answer["Content-Disposition"]
    head, *rows = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert head[4:9] == ["value", "unit", "Time of each lot, h"] + [
        f"Time of each lot, h, {end}" for end in ("low", "high")
    ]
    assert [(row[0], float(row[4]), row[5]) for row in rows][:2] == [
        ("S0", 20.0, "h"),
        ("'=S4", 21.0, "h"),
    ]
    assert rows[0][9] == "", "the first lot has no moving range"
    assert rows[-1][-2].startswith("1: ")


@pytest.mark.usefixtures("history")
def test_a_sheet_of_shares_holds_ratios(as_role: Callable[[str], Client]) -> None:
    text = as_role("Quality").get("/charts.csv", ASKED).content.decode()
    assert "LOW,2026-03-11T08:00:00+00:00,150,200,0.75,ratio,0.75," in text


@pytest.mark.usefixtures("line")
def test_a_sheet_of_nothing_is_refused(as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    assert client.get("/charts.csv").status_code == 400
    assert client.get("/charts.csv", {**HOURS, "step_code": "CP2"}).status_code == 422
    assert as_role("Finance").get("/charts.csv", HOURS).status_code == 403


@pytest.mark.usefixtures("stays")
def test_limits_on_hours_are_prepared_and_shown_in_hours(
    as_role: Callable[[str], Client],
) -> None:
    asked = {
        "product": "TRN3-DIE", "step_code": "BUMP", "kind": "chart-imr", "subject": "step-hours",
        "lots_max": 60, "units_min": "", "share_min": 0.75, "count_min": 1, "reason": "first phase",
        "out-=S5": "fab under water",
    }  # fmt: skip
    client = as_role("Test engineer")
    shown_ = client.post("/limits/new", {**asked, "go": "show"}).content.decode()
    assert '<th scope="col" class="sc-number">Time, h</th>' in shown_
    assert "<h3>Time of each lot, h</h3>" in shown_
    assert "Left the step" in shown_
    assert ">Counted</th>" not in shown_
    text = client.post("/limits/new", asked, follow=True).content.decode()
    version = LimitVersion.objects.get()
    assert f"<dd>{version.high:.5g} h</dd>" in text
    assert '<td class="sc-number">400</td>' in text
    assert "fab under water" in text
    assert "subject=step-hours" in text


@pytest.mark.usefixtures("history")
def test_what_gives_no_chart_is_said(as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    assert "These lots give no limits" in shown(client, subject="99")
    assert "No route has a step NONE" in shown(client, step_code="NONE")
    assert "Select a valid choice" in shown(client, kind="syl")
    assert "Select a valid choice" in shown(client, subject="loudness")
    assert "Final yield can be charted by" in shown(client, kind="chart-u")


@pytest.mark.usefixtures("line")
@pytest.mark.parametrize(("insertion", "subject"), [("first", "first-yield"), ("", "final-yield")])
def test_the_yield_of_a_step_leads_to_its_chart(
    as_role: Callable[[str], Client], insertion: str, subject: str
) -> None:
    asked = {"product": "TRN3-DIE", "step": "CP1", "weeks": "0", "insertion": insertion}
    text = as_role("Quality").get("/yields", asked).content.decode()
    assert f"kind=chart-laney&amp;subject={subject}" in text


@pytest.mark.usefixtures("line")
def test_an_empty_page_says_how_to_begin(as_role: Callable[[str], Client]) -> None:
    assert "No chart has released limits yet" in as_role("Quality").get("/charts").content.decode()
    assert as_role("Finance").get("/charts").status_code == 403
