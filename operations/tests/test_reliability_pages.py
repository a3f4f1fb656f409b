"""Reliability on its page: from oven loads to rates, a life, durations and lots."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lots.domain.words import LotPurpose
from lots.models import Lot
from operations.tests.line import Line
from testing.domain.words import Outcome
from testing.models import BurnInUnit

pytestmark = pytest.mark.django_db

AsRole = Callable[[str], Client]


def shown(client: Client, **words: str) -> str:
    answer = client.get("/reliability", words)
    assert answer.status_code == 200
    return answer.content.decode()


def test_fails_after_different_times_are_fitted_and_drawn(line: Line, as_role: AsRole) -> None:
    units = list(BurnInUnit.objects.order_by("pk"))
    for hours, unit in zip((0.5, 1.0, 6.0), units, strict=False):
        unit.chargeable_hours, unit.outcome = hours, Outcome.FAIL
        unit.save()
    text = shown(as_role("Quality"))
    assert "Weibull shape" in text
    assert "Units that survive, percent" in text
    assert "Early fails in use, ppm, over hours of burn-in" in text
    assert "Lost in burn-in, lot by lot" in text
    assert "AQ17" in text
    assert "0.7 (assumed)" in text


def test_without_fails_only_bounds_are_told(line: Line, as_role: AsRole) -> None:
    BurnInUnit.objects.update(outcome=Outcome.PASS)
    text = shown(as_role("Auditor"))
    assert "No unit failed in burn-in" in text
    assert "Durations are weighed once a life can be fitted" in text
    assert "Failure rate, FIT" in text


def test_what_no_junction_has_is_refused_in_words(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    assert "use_celsius lies between" in shown(client, use_celsius="900")
    assert "Enter a number" in shown(client, use_celsius="hot")
    assert "NONE is no burn-in step. Known: BI" in shown(client, step="NONE")


def test_loads_without_a_proven_hour_and_lots_are_said(line: Line, as_role: AsRole) -> None:
    BurnInUnit.objects.update(chargeable_hours=0)
    Lot.objects.filter(lot_steps__burn_in_runs__isnull=False).update(purpose=LotPurpose.ENGINEERING)
    text = shown(as_role("Quality"))
    assert "No unit has a proven hour here" in text
    assert "No lot has been through this burn-in" in text
