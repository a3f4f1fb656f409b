"""Control charts on pages: trial limits, released ones, signals and what may lie behind them."""

from __future__ import annotations

from collections.abc import Callable
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


@pytest.mark.usefixtures("history")
def test_what_gives_no_chart_is_said(as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    assert "These lots give no limits" in shown(client, subject="99")
    assert "No route has a step NONE" in shown(client, step_code="NONE")
    assert "Select a valid choice" in shown(client, kind="syl")


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
