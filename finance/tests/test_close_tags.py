"""What an approval of a restatement takes for having looked at it."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client

from finance.models import Period
from finance.services import close_period, post_events, prepare_restatement, soft_close_period
from finance.tests.line import wafer_lot
from finance.tests.readers import client_of
from finance.tests.staging import people
from finance.tests.test_closes import MARCH, late

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("waiting")]

CLOSES = "/api/v1/finance/periods/2026-03/closes"
RECONCILIATION = "/api/v1/finance/reconciliation/2026-03?version=2"


@pytest.fixture
def waiting(books: None) -> None:
    """March is closed, and a restatement of it waits."""
    ann, bob = people()
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    wafer_lot("W1", 2, at=MARCH, step="BUMP")
    post_events()
    period = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    period = close_period(period=period, approver=bob)
    late()
    prepare_restatement(period=period, reason="late wafers", preparer=ann)


@pytest.fixture
def carol(books: None) -> Client:
    return client_of(User.objects.create_superuser("carol"))


def approved(client: Client, tag: str) -> int:
    return client.post(f"{CLOSES}/2/approve", headers={"If-Match": tag}).status_code


@pytest.mark.parametrize("path", ["/2", "/2?against=1", "/2?against=2"])
def test_figures_that_were_looked_at_are_approved(path: str, carol: Client) -> None:
    assert approved(carol, carol.get(f"{CLOSES}{path}")["ETag"]) == 200


@pytest.mark.parametrize("address", [RECONCILIATION, f"{CLOSES}/1", f"{CLOSES}/1?against=2"])
def test_other_figures_are_not_those_that_are_approved(address: str, carol: Client) -> None:
    assert approved(carol, carol.get(address)["ETag"]) == 412


def test_a_tag_against_a_version_that_there_is_not_is_refused(carol: Client) -> None:
    own = carol.get(f"{CLOSES}/2")["ETag"].strip('"')
    assert approved(carol, f'"{own}-{"0" * 64}"') == 412
    assert approved(carol, f'"{own}-"') == 412


def test_a_draft_given_up_was_not_looked_at_in_the_next(carol: Client) -> None:
    tag = carol.get(f"{CLOSES}/2?against=1")["ETag"]
    assert carol.delete(f"{CLOSES}/2").status_code == 204
    period = Period.objects.get(code="2026-03")
    prepare_restatement(period=period, reason="late wafers", preparer=people()[0])
    assert approved(carol, tag) == 412


def test_a_kept_reconciliation_is_held_by_its_own_tag(carol: Client) -> None:
    tag = carol.get(RECONCILIATION)["ETag"]
    assert carol.get(RECONCILIATION, headers={"If-None-Match": tag}).status_code == 304
    assert approved(carol, carol.get(f"{CLOSES}/2")["ETag"]) == 200
    assert carol.get(RECONCILIATION, headers={"If-None-Match": tag}).status_code == 200
