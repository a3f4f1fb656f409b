"""Drafts that nobody will approve are given up by whoever may prepare such."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from finance.domain.words import CloseCheck
from finance.models import (
    AssetPlan,
    AssetPlanLine,
    CostAssumption,
    CostVersion,
    Period,
    PostingProfile,
    PostingRules,
    ProfileAccount,
    StandardCost,
    StepStage,
)
from finance.selectors.closing import close_checklist
from finance.services import give_up_draft
from finance.tests.staging import drafted_rules, drafted_stage, people
from lots.tests.routing import released_route
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

FIRST = date(2026, 3, 1)


def costs() -> CostVersion:
    draft = CostVersion.objects.create(code="X", effective_on=FIRST, prepared_by=people()[0])
    StandardCost.objects.create(version=draft, item_id="TRN3", stage_id="tested", unit_cost=1)
    CostAssumption.objects.create(
        version=draft, line=1, kind="purchase-price", item_id="TRN3", stage_id="tested", value=1
    )
    return draft


def rules() -> PostingRules:
    return drafted_rules(date(2030, 1, 1), handling=(True, False))


def stage() -> StepStage:
    return drafted_stage(released_route("A", {"code": "NEW"}).steps.get(), "wafer")


def plan() -> AssetPlan:
    draft = AssetPlan.objects.create(code="X", effective_on=FIRST, prepared_by=people()[0])
    AssetPlanLine.objects.create(
        plan=draft, item_id="TRN3", month_id="2026-03", quantity=1, unit_cost=1
    )
    return draft


def profile() -> PostingProfile:
    draft = PostingProfile.objects.create(
        code="X", effective_on=FIRST, company="2000", prepared_by=people()[0]
    )
    ProfileAccount.objects.create(profile=draft, account="inventory", number="1400", name="Stock")
    return draft


Draft = CostVersion | PostingRules | StepStage | AssetPlan | PostingProfile
DRAFTS = [costs, rules, stage, plan, profile]


def with_rights(*rights: str) -> User:
    user = User.objects.create_user("cara", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def is_there(draft: Draft) -> bool:
    return type(draft).objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("drafted", DRAFTS)
def test_a_draft_of_somebody_who_left_is_given_up_by_who_may_prepare(
    drafted: Callable[[], Draft],
) -> None:
    draft = drafted()
    User.objects.filter(username="ann").update(is_active=False)
    give_up_draft(draft=draft, actor=with_rights(f"add_{draft._meta.model_name}"))
    assert not is_there(draft)
    assert not CostAssumption.objects.filter(version__code="X").exists()


@pytest.mark.parametrize("drafted", DRAFTS)
def test_nobody_gives_up_what_they_may_not_prepare(drafted: Callable[[], Draft]) -> None:
    draft = drafted()
    with pytest.raises(ForbiddenError, match="cara may not give up drafts of this kind"):
        give_up_draft(draft=draft, actor=with_rights("view_costversion"))
    assert is_there(draft)


@pytest.mark.parametrize("kind", [CostVersion, PostingRules, StepStage, PostingProfile])
def test_what_is_approved_stays(kind: Any) -> None:
    approved = kind.objects.exclude(approved_at=None).earliest("pk")
    with pytest.raises(RefusedError, match="is approved, and stays"):
        give_up_draft(draft=approved, actor=with_rights(f"add_{kind._meta.model_name}"))
    assert is_there(approved)


def test_a_draft_is_given_up_once() -> None:
    draft, cara = costs(), with_rights("add_costversion")
    give_up_draft(draft=CostVersion.objects.get(pk=draft.pk), actor=cara)
    with pytest.raises(MissingError, match="X was given up before"):
        give_up_draft(draft=draft, actor=cara)


def test_a_period_is_no_longer_kept_open_by_it() -> None:
    def said() -> str:
        lines = close_checklist(Period.objects.get(code="2026-03"))
        return next(one.detail for one in lines if one.check is CloseCheck.UNAPPROVED_COSTS)

    draft = costs()
    assert said().endswith("1. Approve them or give them up.")
    give_up_draft(draft=draft, actor=with_rights("add_costversion"))
    assert said() == "Nothing."


def acted(client: Client, draft: Draft, **more: str) -> str:
    here = reverse(f"admin:finance_{draft._meta.model_name}_changelist")
    asked = {"action": "give_up", "_selected_action": [str(draft.pk)], **more}
    return client.post(here, asked, follow=True).content.decode()


@pytest.mark.parametrize("drafted", DRAFTS)
def test_the_administration_asks_first(drafted: Callable[[], Draft], client: Client) -> None:
    draft = drafted()
    name = draft._meta.model_name
    client.force_login(with_rights(f"add_{name}", f"view_{name}"))
    assert "They are deleted with all their rows" in acted(client, draft)
    assert is_there(draft)
    assert "Give up drafts: done for 1" in acted(client, draft, confirmed="1")
    assert not is_there(draft)


def test_the_administration_offers_it_to_nobody_else(client: Client) -> None:
    draft = costs()
    client.force_login(with_rights("view_costversion", "approve_costversion"))
    acted(client, draft, confirmed="1")
    assert is_there(draft)
