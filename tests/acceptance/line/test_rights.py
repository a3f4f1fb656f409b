"""Who may do what: every address of the resolver, asked as every role, against `tests/baselines`.

    REWRITE_BASELINES=1 ./run test tests/acceptance/line/test_rights.py

writes the roles as they are let in. A row names, for GET and POST, the roles that are; POST is
left out where nobody can post. Actions of the admin's lists have rows of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory

from operations.services.roles import read_roles
from tests.acceptance.line.address import Address
from tests.acceptance.line.addresses import TABLES, addresses, routes
from tests.acceptance.line.baseline import REWRITES, read_baseline, write_baseline
from tests.acceptance.line.conftest import Line

NAME = "rights.json"
ROLES = [role.name for role in read_roles()]
OPEN_TO_STRANGERS = {"admin:login", "admin:logout", "favicon"}
HARMLESS = {
    "admin:lots_routeversion_changelist compare",
    "api-recall-preview",
    "operations:recall-new",
    "operations:rule-trial",
    "operations:notice-list",  # what one is told oneself
    "admin:logout",
    "admin:password_change",
    "favicon",
}
REFUSED = {401, 403, 405}
NO_SUCH_METHOD = 405

pytestmark = pytest.mark.django_db


class Ask(NamedTuple):
    """method: lower case."""

    address: Address
    method: str


def session_of(role: str) -> str:
    """The cookie of somebody of this role who has signed in."""
    client = Client()
    client.force_login(User.objects.get(username=role))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def answer_to(session: str, ask: Ask, *, enforce_csrf_checks: bool = False) -> Any:
    """What the owner of the session, or a stranger, is told. Nothing of it is kept."""
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    extra: dict[str, Any] = {}
    if ask.method == "post" and ask.address.is_api:
        extra = {"data": ask.address.body, "content_type": "application/json"}
    with transaction.atomic():
        answer = getattr(client, ask.method)(ask.address.path, **extra)
        transaction.set_rollback(True)
    return answer


def judged(session: str, ask: Ask) -> Any:
    """The same without drawing the admin's pages, which takes most of the time."""
    if not ask.address.key.startswith("admin:"):
        return answer_to(session, ask)
    with patch("django.template.backends.django.Template.render", return_value=""):
        return answer_to(session, ask)


def is_let_in(answer: HttpResponse) -> bool:
    sent_to = answer.headers.get("Location", "")
    return answer.status_code not in REFUSED and not sent_to.startswith("/admin/login/")


@pytest.fixture(scope="package")
def asks(line: Line) -> list[Ask]:
    """Every address by the methods that it takes, as somebody with all rights finds."""
    found = [Ask(address, method) for address in addresses() for method in address.methods]
    with transaction.atomic():
        session = session_of("Administrator")
        taken = [ask for ask in found if answer_to(session, ask).status_code != NO_SUCH_METHOD]
        transaction.set_rollback(True)
    return taken


def rights_of(role: str, asks: list[Ask]) -> Iterator[tuple[str, str, bool]]:
    """Row, method, and whether somebody of this role is let in."""
    session = session_of(role)
    for ask in asks:
        answer = judged(session, ask)
        assert answer.status_code != 404, f"{ask.address.path} is not there"
        assert answer.status_code < 500, f"{ask.address.path} answers {answer.status_code}"
        yield ask.address.key, ask.method.upper(), is_let_in(answer)
    yield from offered_actions(User.objects.get(username=role))


def offered_actions(user: User) -> Iterator[tuple[str, str, bool]]:
    request = RequestFactory().get("/")
    request.user = user
    for label, model in TABLES.items():
        table = admin.site.get_model_admin(model)
        offered = table.get_actions(request) if table.has_view_permission(request) else {}
        for name in table.actions or ():
            yield f"admin:{label}_changelist {name}", "POST", name in offered


def column(role: str, rows: dict[str, dict[str, list[str]]]) -> set[tuple[str, str]]:
    return {
        (key, method) for key, row in rows.items() for method, roles in row.items() if role in roles
    }


def rewrite(role: str, found: list[tuple[str, str, bool]]) -> None:
    """This role's part of every row; rows of addresses that are gone fall away."""
    old = read_baseline(NAME)
    rows: dict[str, dict[str, list[str]]] = {}
    for key, method, is_in in found:
        others = set(old.get(key, {}).get(method, [])) - {role}
        rows.setdefault(key, {})[method] = sorted(others | ({role} if is_in else set()))
    write_baseline(NAME, rows)


@pytest.mark.parametrize("role", ROLES)
def test_role_may_do_what_its_rows_say_and_nothing_else(role: str, asks: list[Ask]) -> None:
    found = list(rights_of(role, asks))
    if REWRITES:
        rewrite(role, found)
    rows = read_baseline(NAME)
    assert {(key, method) for key, method, _ in found} == {
        (key, method) for key, row in rows.items() for method in row
    }, "an address came or went: rewrite the baseline, and look at it"
    assert {(key, method) for key, method, is_in in found if is_in} == column(role, rows)


def test_auditor_changes_nothing(line: Line) -> None:
    allowed = column("Auditor", read_baseline(NAME))
    assert {key for key, method in allowed if method == "POST"} <= HARMLESS


def test_money_is_seen_only_by_those_who_answer_for_it(line: Line) -> None:
    rows = read_baseline(NAME)
    seen = {
        role
        for key, row in rows.items()
        if key.startswith(
            (
                "admin:finance_",
                "operations:finance",
                "api-ledger",
                "api-balance",
                "api-rollforward",
                "api-reconciliation",
                "api-journal",
                "api-standard-cost",
                "api-cost-roll-up",
                "api-variance",
                "api-write-down",
                "api-invoice",
                "api-received-not-invoiced",
                "api-revaluation",
                "api-custodian-statement",
                "api-asset",
                "api-export",
                "api-period",
            )
        )
        for roles in row.values()
        for role in roles
    }
    assert seen == {"Administrator", "Auditor", "Finance"}


def test_people_and_roles_are_changed_by_administrators_alone(line: Line) -> None:
    rows = read_baseline(NAME)
    changers = {
        role
        for key, row in rows.items()
        if key.startswith(("admin:auth_", "admin:knox_"))
        for role in row.get("POST", [])
    }
    assert changers == {"Administrator"}


def test_nothing_is_posted_from_another_site(asks: list[Ask]) -> None:
    session = session_of("Administrator")
    taken = {
        ask.address.key
        for ask in asks
        if ask.method == "post" and is_let_in(answer_to(session, ask, enforce_csrf_checks=True))
    }
    assert taken <= {"favicon"}


def test_stranger_sees_nothing_but_the_sign_in(asks: list[Ask]) -> None:
    seen = {ask.address.key for ask in asks if is_let_in(answer_to("", ask))}
    assert seen <= OPEN_TO_STRANGERS


def test_routes_without_a_name_only_lead_elsewhere(site: Client) -> None:
    shapes = {route.shape for route in routes() if not route.name}
    assert all(shape.endswith(("/<path:object_id>/", "(?P<url>.*)$")) for shape in shapes), shapes
    assert site.get("/admin/lots/lot/1/").status_code == 302
    assert site.get("/admin/no-such-page/").status_code == 404


def test_no_two_routes_share_a_name(line: Line) -> None:
    names = Counter(route.name for route in routes() if route.name)
    assert {name for name, count in names.items() if count > 1} == set()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told_to_anybody(path: str, line: Line, client: Client) -> None:
    assert client.get(path).status_code == 200
