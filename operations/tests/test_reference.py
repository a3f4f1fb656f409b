"""Roles, the schedule, the first sign-in and tokens."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask
from knox.models import AuthToken

from operations.services import load_all_reference, make_sign_in, make_token
from supplychain.base.errors import MissingError, RefusedError

pytestmark = pytest.mark.django_db


def rights_of(role: str) -> set[str]:
    return {
        f"{right.content_type.app_label}.{right.codename}"
        for right in Group.objects.get(name=role).permissions.select_related("content_type")
    }


@pytest.fixture
def loaded():
    load_all_reference()


def test_an_auditor_can_look_and_nothing_else(loaded):
    rights = rights_of("Auditor")
    assert {"lots.view_lot", "finance.view_ledgerentry"} <= rights
    assert all(right.split(".")[1].startswith("view_") for right in rights)


def test_an_operator_moves_lots_but_does_not_see_money(loaded):
    rights = rights_of("Operator")
    assert "lots.move_lot" in rights
    assert not any(right.startswith("finance.") for right in rights)


def test_loading_twice_changes_nothing(loaded):
    before = set(PeriodicTask.objects.values_list("pk", "name", "task"))
    load_all_reference()
    assert set(PeriodicTask.objects.values_list("pk", "name", "task")) == before


def test_an_interval_changed_by_hand_is_kept(loaded):
    task = PeriodicTask.objects.exclude(name="celery.backend_cleanup").first()
    PeriodicTask.objects.filter(pk=task.pk).update(enabled=False)
    load_all_reference()
    task.refresh_from_db()
    assert not task.enabled


def test_the_first_sign_in_works_and_is_made_once():
    made = make_sign_in(username="admin")
    assert get_user_model().objects.get(username="admin").check_password(made.password)
    assert make_sign_in(username="admin") is None


def test_a_lost_password_can_be_replaced():
    first = make_sign_in(username="admin")
    second = make_sign_in(username="admin", replace=True)
    user = get_user_model().objects.get(username="admin")
    assert user.check_password(second.password)
    assert not user.check_password(first.password)


def test_make_sign_in_prints_json_once():
    out, err = StringIO(), StringIO()
    call_command("make_sign_in", stdout=out, stderr=err)
    assert set(json.loads(out.getvalue())) == {"username", "password"}
    call_command("make_sign_in", stdout=StringIO(), stderr=err)
    assert "--replace" in err.getvalue()


def test_a_token_is_kept_only_as_a_hash(loaded):
    token = make_token(username="finance-export", role="Finance", days=1)
    assert token not in set(AuthToken.objects.values_list("digest", flat=True))


def test_a_token_has_the_rights_of_its_role(loaded, client):
    token = make_token(username="finance-export", role="Finance", days=1)
    answer = client.get("/api/v1/finance/ledger", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 200
    other = make_token(username="line-screen", role="Operator", days=1)
    answer = client.get("/api/v1/finance/ledger", headers={"Authorization": f"Token {other}"})
    assert answer.status_code == 403


def test_a_revoked_token_is_refused(loaded, client):
    token = make_token(username="finance-export", role="Finance", days=1)
    call_command("make_token", "finance-export", revoke=True, stdout=StringIO())
    answer = client.get("/api/v1/finance/ledger", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 401


def test_a_token_is_refused_for_a_person_and_for_an_unknown_role(loaded):
    get_user_model().objects.create_user("ada", password="a-long-enough-one")
    with pytest.raises(RefusedError, match="is a person"):
        make_token(username="ada", role="Finance", days=1)
    with pytest.raises(MissingError, match="Known: Administrator"):
        make_token(username="export", role="Bursar", days=1)
    with pytest.raises(CommandError, match="no role"):
        call_command("make_token", "export", role="Bursar")
