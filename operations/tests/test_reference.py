"""Roles, the schedule, the first sign-in and tokens."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from knox.models import AuthToken

from operations.services import make_first_administrator
from operations.services.tokens import make_scoped_token, make_token, rotate_token
from supplychain.base.errors import MissingError, RefusedError

pytestmark = pytest.mark.django_db


def rights_of(role: str) -> set[str]:
    return {
        f"{right.content_type.app_label}.{right.codename}"
        for right in Group.objects.get(name=role).permissions.select_related("content_type")
    }


@pytest.fixture
def loaded() -> None:
    call_command("load_reference")


def test_an_auditor_can_look_and_nothing_else(loaded: None) -> None:
    rights = rights_of("Auditor")
    assert {"lots.view_lot", "finance.view_ledgerentry"} <= rights
    assert all(right.split(".")[1].startswith("view_") for right in rights)


def test_an_operator_moves_lots_but_does_not_see_money(loaded: None) -> None:
    rights = rights_of("Operator")
    assert "lots.move_lot" in rights
    assert not any(right.startswith("finance.") for right in rights)


def test_loading_twice_changes_nothing(loaded: None) -> None:
    before = set(PeriodicTask.objects.values_list("pk", "name", "task"))
    call_command("load_reference")
    assert set(PeriodicTask.objects.values_list("pk", "name", "task")) == before


def test_an_interval_changed_by_hand_is_kept(loaded: None) -> None:
    task = PeriodicTask.objects.exclude(name="celery.backend_cleanup").first()
    PeriodicTask.objects.filter(pk=task.pk).update(enabled=False)
    call_command("load_reference")
    task.refresh_from_db()
    assert not task.enabled


def test_the_first_sign_in_works_and_is_made_once() -> None:
    made = make_first_administrator(name="admin")
    assert made is not None
    assert get_user_model().objects.get(username="admin").check_password(made.password)
    assert make_first_administrator(name="admin") is None


def test_make_sign_in_prints_what_it_made_once() -> None:
    first, second = StringIO(), StringIO()
    call_command("make_sign_in", stdout=first)
    call_command("make_sign_in", stdout=second)
    assert set(json.loads(first.getvalue())) == {"user", "password"}
    assert json.loads(second.getvalue()) == {}


def test_a_token_is_kept_only_as_a_hash(loaded: None) -> None:
    token = make_token(username="finance-export", role="Finance", days=1)
    assert token not in set(AuthToken.objects.values_list("digest", flat=True))


def test_a_token_has_the_rights_of_its_role(loaded: None, client: Client) -> None:
    token = make_token(username="finance-export", role="Finance", days=1)
    answer = client.get("/api/v1/finance/ledger", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    other = make_token(username="line-screen", role="Operator", days=1)
    answer = client.get("/api/v1/finance/ledger", headers={"Authorization": f"Bearer {other}"})
    assert answer.status_code == 403


def test_a_revoked_token_is_refused(loaded: None, client: Client) -> None:
    token = make_token(username="finance-export", role="Finance", days=1)
    call_command("make_token", "finance-export", revoke=True, stdout=StringIO())
    answer = client.get("/api/v1/finance/ledger", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_scoped_token_has_the_rights_named_and_no_others(loaded: None, client: Client) -> None:
    make_token(username="pull", role="Administrator", days=1)
    right = "finance.view_ledgerentry"
    token = make_scoped_token(username="pull", rights=[right], days=1)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/finance/ledger", headers=headers).status_code == 200
    assert client.get("/api/v1/finance/exports", headers=headers).status_code == 403
    assert client.get("/api/v1/lots", headers=headers).status_code == 403


def test_an_unknown_right_is_named(loaded: None) -> None:
    with pytest.raises(CommandError, match=r"no right 'finance\.fly'"):
        call_command("make_token", "pull", "--right", "finance.fly")
    assert not get_user_model().objects.filter(username="pull").exists()


def test_a_rotated_token_overlaps_the_old_one_and_then_is_alone(
    loaded: None, client: Client
) -> None:
    old = make_scoped_token(username="pull", rights=["finance.view_ledgerentry"], days=9)
    now = timezone.now()
    new = rotate_token(username="pull", days=9, overlap=timedelta(hours=1), now=now)
    answers = [_ledger(client, token) for token in (old, new)]
    AuthToken.objects.filter(expiry__lte=now + timedelta(hours=1)).update(expiry=now)
    assert answers + [_ledger(client, token) for token in (old, new)] == [200, 200, 401, 200]


def test_rotating_never_lengthens_a_life_and_needs_a_token_that_holds(loaded: None) -> None:
    now = timezone.now()
    make_token(username="pull", role="Finance", days=1)
    rotate_token(username="pull", days=9, overlap=timedelta(days=5), now=now)
    lives = sorted(token.expiry - now for token in AuthToken.objects.all())
    assert lives[0] < timedelta(days=1, minutes=1)
    with pytest.raises(CommandError, match="no token that holds"):
        call_command("make_token", "nobody", "--rotate")


def _ledger(client: Client, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return client.get("/api/v1/finance/ledger", headers=headers).status_code


def test_a_token_is_refused_for_a_person_and_for_an_unknown_role(loaded: None) -> None:
    get_user_model().objects.create_user("ada", password="a-long-enough-one")
    with pytest.raises(RefusedError, match="is a person"):
        make_token(username="ada", role="Finance", days=1)
    with pytest.raises(MissingError, match="Known: Administrator"):
        make_token(username="export", role="Bursar", days=1)
    with pytest.raises(CommandError, match="no role"):
        call_command("make_token", "export", role="Bursar")
