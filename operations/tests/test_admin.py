"""Every list and form of the admin opens, stays fast, and lets nobody rewrite history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from finance.models import (
    CostVersion,
    LedgerEntry,
    Period,
    PostingProfile,
    PostingRules,
    StepStage,
)
from lots.models import Event, Genealogy, Lot, Product, RouteVersion
from lots.tests.routing import released_route
from operations.tests.line import Line
from operations.tests.looking import seen_in
from supplychain.base.admin import SELECTED_MAX, HistoryAdmin

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
QUERIES_MAX = 12


def list_of(model: type[Model]) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def form_of(row: Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


@pytest.fixture
def administrator(client: Client, reference: None) -> Client:
    client.force_login(User.objects.create_superuser("ada", password="a long test password"))
    return client


def test_every_list_and_form_opens_in_few_queries(
    line: Line, administrator: Client, django_assert_max_num_queries: Any
) -> None:
    for model in MODELS:
        with django_assert_max_num_queries(QUERIES_MAX):
            assert administrator.get(list_of(model)).status_code == 200, model
        row = model._base_manager.first()
        if row is not None:
            assert administrator.get(form_of(row)).status_code == 200, model


def test_every_list_can_be_searched(line: Line, administrator: Client) -> None:
    for model, model_admin in admin.site._registry.items():
        if model_admin.search_fields:
            assert administrator.get(list_of(model), {"q": "W7"}).status_code == 200, model


def test_an_edge_is_found_by_either_of_its_ends(line: Line, administrator: Client) -> None:
    address = list_of(Genealogy)
    for serial in ("T3-26-00001", "SRV4-0000"):
        text = administrator.get(address, {"q": serial}).content.decode()
        assert text.count(f'href="/units/{serial}"') >= 1, serial
    assert 'href="/units/' not in administrator.get(address, {"q": "NOWHERE"}).content.decode()


def test_no_list_counts_its_rows(line: Line, administrator: Client) -> None:
    for model, model_admin in admin.site._registry.items():
        if isinstance(model_admin, HistoryAdmin):
            assert not model_admin.show_full_result_count, model
            assert model_admin.paginator.__name__ == "InfinitePaginator", model


@pytest.mark.parametrize("model", [Event, Lot, LedgerEntry])
def test_history_has_no_form_to_change_it(
    model: type[Model], line: Line, administrator: Client
) -> None:
    meta = model._meta
    assert (
        administrator.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_add")).status_code
        == 403
    )
    row = model._base_manager.first()
    if row is not None:
        assert administrator.post(form_of(row), {"quantity": 1}).status_code == 403
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[row.pk])
        assert administrator.post(address, {"post": "yes"}).status_code == 403


def test_a_released_route_is_frozen_and_a_draft_is_not(administrator: Client) -> None:
    released = RouteVersion.objects.filter(state="released")[0]
    assert administrator.post(form_of(released), {"version": 9}).status_code == 403
    draft = RouteVersion.objects.create(route=released.route, version=9)
    assert b'name="version"' in administrator.get(form_of(draft)).content


def test_an_auditor_looks_at_lists_and_changes_nothing(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Auditor")
    product = Product.objects.all()[0]
    assert client.get(list_of(Product)).status_code == 200
    assert client.get(form_of(product)).status_code == 200
    assert client.post(form_of(product), {"name": "x"}).status_code == 403
    assert client.get(reverse("admin:lots_product_add")).status_code == 403


@pytest.mark.parametrize("attention", ["held", "late", "hot"])
def test_lots_that_need_attention_are_filtered(
    attention: str, line: Line, administrator: Client
) -> None:
    Lot.objects.filter(code="W7Q3").update(is_hot=True)
    text = administrator.get(list_of(Lot), {"attention": attention}).content.decode()
    found = {"held": "W7Q2", "late": "W7Q1", "hot": "W7Q3"}[attention]
    assert f">{found}</a>" in text
    assert ">AQ17</a>" not in text


@pytest.mark.parametrize(("is_open", "is_there"), [("1", True), ("0", False)])
def test_holds_are_filtered_by_whether_they_stand(
    is_open: str, is_there: bool, line: Line, administrator: Client
) -> None:
    text = administrator.get("/admin/lots/hold/", {"open": is_open}).content.decode()
    assert ("Edge ring at CP1" in text) is is_there


def act(client: Client, model: type[Model], action: str, row: Model, **more: str) -> Any:
    data = {"action": action, "_selected_action": [str(row.pk)], **more}
    return client.post(list_of(model), data, follow=True)


def test_costs_are_approved_by_another_than_their_preparer(
    reference: None, person: Callable[[str], User], client: Client
) -> None:
    client.force_login(person("Finance"))
    data = {
        "code": "NEXT",
        "effective_on": "2030-01-01",
        "costs-TOTAL_FORMS": "0",
        "costs-INITIAL_FORMS": "0",
    }
    client.post(reverse("admin:finance_costversion_add"), data)
    version = CostVersion.objects.get(code="NEXT")
    assert str(version.prepared_by) == "finance"
    client.post(form_of(version), {**data, "effective_on": "2030-02-01"})
    refused = act(client, CostVersion, "approve", version, confirmed="1")
    assert "Nothing was changed" in refused.content.decode()
    client.force_login(person("Administrator"))
    page = act(client, CostVersion, "approve", version).content.decode()
    assert "2030-02-01" in page
    unseen = act(client, CostVersion, "approve", version, confirmed="1").content.decode()
    assert "Say what you looked at" in unseen
    seen = {f"seen-{version.pk}": seen_in(page, f"seen-{version.pk}")["seen"]}
    CostVersion.objects.filter(pk=version.pk).update(effective_on="2030-03-01")
    stale = act(client, CostVersion, "approve", version, confirmed="1", **seen).content.decode()
    assert "It changed since you looked at it" in stale
    CostVersion.objects.filter(pk=version.pk).update(effective_on="2030-02-01")
    act(client, CostVersion, "approve", version, confirmed="1", **seen)
    version.refresh_from_db()
    assert str(version.approved_by) == "administrator"
    assert client.post(form_of(version), data).status_code == 403


def test_a_posting_profile_is_prepared_by_who_adds_it(
    reference: None, person: Callable[[str], User], client: Client
) -> None:
    client.force_login(person("Finance"))
    data = {
        "code": "NEXT",
        "effective_on": "2030-01-01",
        "company": "1000",
        "accounts-TOTAL_FORMS": "0",
        "accounts-INITIAL_FORMS": "0",
    }
    client.post(reverse("admin:finance_postingprofile_add"), data)
    profile = PostingProfile.objects.get(code="NEXT")
    assert str(profile.prepared_by) == "finance"
    client.force_login(person("Administrator"))
    page = act(client, PostingProfile, "approve", profile).content.decode()
    name = f"seen-{profile.pk}"
    seen = seen_in(page, name)["seen"]
    profile.accounts.create(account="supplier", number="2110", name="Owed")
    refused = act(client, PostingProfile, "approve", profile, confirmed="1", **{name: seen})
    assert "It changed since you looked at it" in refused.content.decode()
    page = act(client, PostingProfile, "approve", profile).content.decode()
    assert "2110 · Owed" in page
    seen = seen_in(page, name)["seen"]
    refused = act(client, PostingProfile, "approve", profile, confirmed="1", **{name: seen})
    assert "no number for" in refused.content.decode()


def test_posting_rules_begin_with_the_reasons_in_force(
    reference: None, person: Callable[[str], User], client: Client
) -> None:
    client.force_login(person("Finance"))
    data = {"code": "NEXT", "effective_on": "2030-01-01"}
    client.post(reverse("admin:finance_postingrules_add"), data)
    rules = PostingRules.objects.get(code="NEXT")
    assert (str(rules.prepared_by), rules.reasons.count()) == ("finance", 6)
    assert client.get(form_of(rules)).status_code == 200
    client.force_login(person("Administrator"))
    page = act(client, PostingRules, "approve", rules).content.decode()
    assert "monitor · True · False" in page
    name = f"seen-{rules.pk}"
    seen = seen_in(page, name)["seen"]
    rules.reasons.filter(reason="monitor").update(is_normal=False)
    refused = act(client, PostingRules, "approve", rules, confirmed="1", **{name: seen})
    assert "It changed since you looked at it" in refused.content.decode()
    page = act(client, PostingRules, "approve", rules).content.decode()
    seen = seen_in(page, name)["seen"]
    act(client, PostingRules, "approve", rules, confirmed="1", **{name: seen})
    rules.refresh_from_db()
    assert str(rules.approved_by) == "administrator"
    assert client.post(form_of(rules), data).status_code == 403


def test_the_stage_of_a_step_is_approved_by_another(
    reference: None, person: Callable[[str], User], client: Client
) -> None:
    step = released_route("A", {"code": "NEW"}).steps.get()
    client.force_login(person("Finance"))
    data = {"step": step.pk, "unit_of_measure": "wafer", "stage": "wafer", "account": "inventory"}
    client.post(reverse("admin:finance_stepstage_add"), data)
    stage = StepStage.objects.get(step=step)
    refused = act(client, StepStage, "approve", stage, confirmed="1")
    assert "Nothing was changed" in refused.content.decode()
    client.force_login(person("Administrator"))
    page = act(client, StepStage, "approve", stage).content.decode()
    name = f"seen-{stage.pk}"
    act(client, StepStage, "approve", stage, confirmed="1", **{name: seen_in(page, name)["seen"]})
    stage.refresh_from_db()
    assert str(stage.approved_by) == "administrator"
    assert client.post(form_of(stage), data).status_code == 403


def test_a_period_is_prepared_here_and_closed_on_its_page(
    reference: None, person: Callable[[str], User], client: Client
) -> None:
    period = Period.objects.order_by("starts_on")[0]
    client.force_login(person("Finance"))
    act(client, Period, "soft_close", period, confirmed="1")
    client.force_login(person("Administrator"))
    assert "No action selected" in act(client, Period, "close", period).content.decode()
    period.refresh_from_db()
    assert (str(period.prepared_by), period.state) == ("finance", "soft-closed")
    page = reverse("operations:finance-period", args=[period.code])
    assert f'href="{page}"' in client.get(form_of(period)).content.decode()


def test_too_many_rows_at_once_are_refused(reference: None, administrator: Client) -> None:
    ann, day = User.objects.create_user("ann"), timezone.now().date()
    versions = (
        CostVersion(code=f"S{number}", effective_on=day, prepared_by=ann)
        for number in range(SELECTED_MAX + 1)
    )
    ids = [str(version.pk) for version in CostVersion.objects.bulk_create(versions)]
    data = {"action": "approve", "_selected_action": ids}
    text = administrator.post(list_of(CostVersion), data, follow=True).content.decode()
    assert f"at most {SELECTED_MAX} rows" in text


@pytest.mark.parametrize(("role", "count"), [("Operator", 1), ("Auditor", 0)])
def test_lots_are_ticked_by_those_who_may_do_something_with_them(
    role: str, count: int, line: Line, as_role: Callable[[str], Client]
) -> None:
    text = as_role(role).get(list_of(Lot)).content.decode()
    assert text.count('aria-label="Pick W7Q1"') == count
    assert text.count("with the ticked lots") == count
    assert 'name="action"' not in text


def test_people_are_made_with_a_role_and_never_deleted(administrator: Client) -> None:
    page = administrator.get(reverse("admin:auth_user_add")).content.decode()
    assert 'name="is_staff"' in page
    data = {
        "username": "new",
        "usable_password": "true",
        "password1": "a long test password",
        "password2": "a long test password",
        "is_staff": "on",
        "groups": [str(Group.objects.get(name="Operator").pk)],
    }
    administrator.post(reverse("admin:auth_user_add"), data)
    user = User.objects.get(username="new")
    assert "Operator" in administrator.get(list_of(User)).content.decode()
    address = reverse("admin:auth_user_delete", args=[user.pk])
    assert administrator.post(address, {"post": "yes"}).status_code == 403


def test_a_scheduled_task_is_switched_off_but_not_rewritten(administrator: Client) -> None:
    task = PeriodicTask.objects.exclude(name="celery.backend_cleanup")[0]
    administrator.post(form_of(task), {"task": "os.system"})
    task.refresh_from_db()
    assert not task.enabled
    assert task.task != "os.system"
    assert (
        administrator.get(reverse("admin:django_celery_beat_periodictask_add")).status_code == 403
    )


def test_periods_begin_with_the_current_one(administrator: Client) -> None:
    today = timezone.localdate()
    shown = administrator.get(list_of(Period)).context["cl"].result_list
    days = [period.starts_on for period in shown]
    assert days[0] == today.replace(day=1)
    assert days[1] < days[0]


def test_lots_are_found_in_small_letters_too(line: Line, administrator: Client) -> None:
    for text in ("w7q1", "W7Q1"):
        shown = administrator.get(list_of(Lot), {"q": text}).context["cl"].result_list
        assert [lot.code for lot in shown] == ["W7Q1"]
