"""Routes, bills, rules and waivers in the admin: two people, confirmed, said in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lots.domain.orders import FutureActionOrder
from lots.domain.words import Trigger, Verb
from lots.models import Bill, MergeRule, ReasonCode, RouteVersion, Waiver
from lots.services import plan_action
from lots.services.releasing import draft_route
from lots.services.waiving import revoke_waiver
from lots.tests.making import wafer_lot
from lots.tests.permitting import DAY, asked, granted, guarded_lot, passing, standing
from lots.tests.permitting import person as plain_person
from lots.tests.routing import draft_version

pytestmark = pytest.mark.usefixtures("catalogue")


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:lots_{model._meta.model_name}_changelist")


def add_to(model: type[Model]) -> str:
    return reverse(f"admin:lots_{model._meta.model_name}_add")


def form_of(row: Model) -> str:
    return reverse(f"admin:lots_{row._meta.model_name}_change", args=[row.pk])


def act(client: Client, action: str, row: Model, **more: str) -> str:
    sent = {"action": action, "_selected_action": [str(row.pk)], **more}
    return client.post(list_of(type(row)), sent, follow=True).content.decode()


@pytest.fixture
def as_person(settings: Any) -> Callable[..., Client]:
    """A browser of somebody with these rights of lots, besides seeing them."""

    def signed_in(name: str, *rights: str) -> Client:
        user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True})
        User.objects.filter(pk=user.pk).update(is_staff=True)
        codes = [*rights, "view_waiver", "view_routeversion", "view_bill", "view_lot", "view_step"]
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="lots", codename__in=codes)
        )
        client = Client()
        client.force_login(user)
        return client

    return signed_in


def wish(lot: Any, /, **changes: str) -> dict[str, str]:
    now = timezone.now()
    said = {
        "gate": "results",
        "step": str(lot.step_id),
        "lot": str(lot.pk),
        "product": "",
        "reason": "tester down",
        "quantity": "10",
        "valid_from_0": f"{now:%Y-%m-%d}",
        "valid_from_1": f"{now:%H:%M:%S}",
        "valid_to_0": f"{now + 3 * DAY:%Y-%m-%d}",
        "valid_to_1": f"{now:%H:%M:%S}",
    }
    return {**said, **changes}


def test_a_waiver_is_asked_for_on_a_form(as_person: Callable[..., Client]) -> None:
    client, lot = as_person("ann", "add_waiver"), guarded_lot()
    page = client.get(add_to(Waiver)).content.decode()
    assert "D v2: RCV, Rcv" in page
    client.post(add_to(Waiver), wish(lot))
    waiver = Waiver.objects.get()
    assert (str(waiver.requested_by), waiver.quantity, waiver.approved_by) == ("ann", 10, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lot": ""}, "Name a lot or a product: exactly one."),
        ({"quantity": "0"}, "quantity must be from 1 to 10,000,000."),
        ({"reason": " "}, "This field is required."),
        ({"valid_to_0": "2020-01-01"}, "A waiver ends after it begins, within 180 days."),
        (
            {"valid_from_0": "2020-01-01", "valid_to_0": "2020-01-05"},
            "A waiver ends in the future.",
        ),
    ],
)
def test_a_bad_wish_is_answered_on_the_form(
    changes: dict[str, str], said: str, as_person: Callable[..., Client]
) -> None:
    answer = as_person("ann", "add_waiver").post(add_to(Waiver), wish(guarded_lot(), **changes))
    assert said in answer.content.decode()
    assert not Waiver.objects.exists()


def test_a_step_of_another_route_is_answered_on_the_form(
    as_person: Callable[..., Client],
) -> None:
    lot, other = guarded_lot(), wafer_lot()
    answer = as_person("ann", "add_waiver").post(add_to(Waiver), wish(lot, step=str(other.step_id)))
    assert "is not on its way" in answer.content.decode()


def test_a_waiver_is_approved_by_another_after_a_question(
    as_person: Callable[..., Client],
) -> None:
    waiver = asked(guarded_lot())
    own = as_person("ann", "approve_waiver")
    assert "Someone else must approve it" in act(own, "approve", waiver, confirmed="1")
    other = as_person("ben", "approve_waiver")
    assert "Your name stands under it" in act(other, "approve", waiver)
    assert Waiver.objects.get().approved_at is None
    act(other, "approve", waiver, confirmed="1")
    assert str(Waiver.objects.get().approved_by) == "ben"


def test_a_waiver_is_revoked_after_a_question(as_person: Callable[..., Client]) -> None:
    waiver, client = granted(guarded_lot()), as_person("cay", "approve_waiver")
    assert "Nothing more passes" in act(client, "revoke", waiver)
    act(client, "revoke", waiver, confirmed="1")
    assert str(Waiver.objects.get().revoked_by) == "cay"


def test_nobody_approves_without_the_right(as_person: Callable[..., Client]) -> None:
    waiver = asked(guarded_lot())
    act(as_person("ben", "add_waiver"), "approve", waiver, confirmed="1")
    assert Waiver.objects.get().approved_at is None


def test_what_was_asked_is_not_changed_later(as_person: Callable[..., Client]) -> None:
    waiver, client = asked(guarded_lot()), as_person("ann", "add_waiver", "change_waiver")
    assert client.post(form_of(waiver), wish(guarded_lot("N2"))).status_code == 403


STATES = ("requested", "approved", "used-up", "expired", "revoked")


def one_of_each_state() -> dict[str, Waiver]:
    lots = {state: guarded_lot(state.upper()) for state in STATES}
    over = timezone.now() - timedelta(hours=1)
    makers: dict[str, Callable[[Any], Waiver]] = {
        "requested": asked,
        "approved": granted,
        "used-up": granted,
        "expired": lambda lot: standing(lot, valid_to=over),
        "revoked": lambda lot: revoke_waiver(waiver=granted(lot), actor=plain_person("cay")),
    }
    made = {state: makers[state](lot) for state, lot in lots.items()}
    passing(lots["used-up"], lots["used-up"].route_version.steps.get(code="SFT"))()
    return made


def test_waivers_are_listed_with_their_state_in_words(as_person: Callable[..., Client]) -> None:
    made, client = one_of_each_state(), as_person("ann")
    text = client.get(list_of(Waiver)).content.decode()
    for word in ("Requested", "Approved", "Used up", "Expired", "Revoked"):
        assert word in text
    for state in STATES:
        shown = client.get(list_of(Waiver), {"state": state}).context["cl"].result_list
        assert list(shown) == [made[state]], state


def test_no_waiver_is_said_in_words(as_person: Callable[..., Client]) -> None:
    assert "No waiver here." in as_person("ann").get(list_of(Waiver)).content.decode()


def test_a_waiver_of_a_product_and_its_uses_are_shown(as_person: Callable[..., Client]) -> None:
    lot = guarded_lot()
    waiver = granted(lot, on=lot.product, quantity=30)
    passing(lot, lot.route_version.steps.get(code="SFT"))()
    client = as_person("ann", "view_waiveruse")
    assert "All NSW-1" in client.get(list_of(Waiver)).content.decode()
    page = client.get(form_of(waiver)).content.decode()
    assert "/lots/N1" in page


def newest() -> RouteVersion:
    return RouteVersion.objects.filter(route__code="A").order_by("-version")[0]


def test_a_route_goes_from_draft_to_retired_by_two_people(
    as_person: Callable[..., Client],
) -> None:
    rights = ("add_routeversion", "change_routeversion", "release_routeversion")
    ann, ben = as_person("ann", *rights), as_person("ben", *rights)
    assert "made in your name" in act(ann, "new_version", newest())
    act(ann, "new_version", newest(), confirmed="1")
    assert "You prepared Route A v2" in act(ann, "release", newest(), confirmed="1")
    assert "frozen for ever" in act(ben, "release", newest())
    act(ben, "release", newest(), confirmed="1")
    assert (newest().state, str(newest().released_by)) == ("released", "ben")
    assert ben.post(form_of(newest()), {"note": "x"}).status_code == 403
    act(ann, "retire", newest(), confirmed="1")
    assert newest().state == "retired"


def test_release_names_planned_actions_that_new_lots_would_pass(
    as_person: Callable[..., Client],
) -> None:
    ben = as_person("ben", "change_routeversion", "release_routeversion")
    order = FutureActionOrder(
        Trigger.ARRIVES, Verb.HOLD, "look", product_code="NSW-1", route_code="D", step_code="SFT"
    )
    plan_action(order=order)
    page = act(ben, "release", draft_version("D", {"code": "RCV"}))
    assert "hold when NSW-1 arrives SFT (D v2 has no such step)" in page
    assert "new lots would pass" not in act(ben, "release", draft_version("D", {"code": "SFT"}))


def test_who_changes_a_draft_last_does_not_release_it(as_person: Callable[..., Client]) -> None:
    draft = draft_route(version=newest(), actor=plain_person("ann"))
    ben = as_person("ben", "change_routeversion", "release_routeversion")
    said = {
        "route": str(draft.route_id),
        "version": "2",
        "note": "bump first",
        "steps-TOTAL_FORMS": "0",
        "steps-INITIAL_FORMS": "0",
    }
    ben.post(form_of(draft), said)
    assert RouteVersion.objects.get(pk=draft.pk).note == "bump first"
    assert "You prepared Route A v2" in act(ben, "release", draft, confirmed="1")


def test_a_bill_goes_the_same_way(as_person: Callable[..., Client]) -> None:
    ann = as_person("ann", "add_bill", "change_bill", "release_bill")
    ben = as_person("ben", "release_bill")
    bill = Bill.objects.get(product__code="TRN3")
    act(ann, "new_version", bill, confirmed="1")
    draft = Bill.objects.get(product__code="TRN3", version=2)
    said = {"product": str(draft.product_id), "version": "2", "note": "more memory"}
    ann.post(form_of(draft), said)
    assert "You prepared" in act(ann, "release", draft, confirmed="1")
    act(ben, "release", draft, confirmed="1")
    act(ben, "retire", bill, confirmed="1")
    states = Bill.objects.filter(product__code="TRN3").values_list("version", "state", "note")
    assert set(states) == {(1, "retired", ""), (2, "released", "more memory")}


def compare(client: Client, *versions: RouteVersion, **more: str) -> str:
    address = reverse("admin:lots_routeversion_compare")
    picks = dict(zip(("before", "after"), (str(one.pk) for one in versions), strict=False))
    return client.get(address, {**picks, **more}).content.decode()


def test_two_versions_are_seen_side_by_side(as_person: Callable[..., Client]) -> None:
    wafer_lot()
    changed = {"code": "FAB", "gate_mode": "stop"}
    page = compare(as_person("ann"), newest(), draft_version("A", {"code": "START"}, changed))
    for said in ("Gate mode: <ins><strong>Stop", "Removed", "Changed", "1 lot on it", "0 lots"):
        assert said in page


def test_only_what_differs_is_seen_when_asked(as_person: Callable[..., Client]) -> None:
    client = as_person("ann")
    same = draft_route(version=newest(), actor=plain_person("ann"))
    first = RouteVersion.objects.get(route__code="A", version=1)
    assert "Wafer fabrication" in compare(client, first, same)
    assert "same steps in the same order" in compare(client, first, same, only="1")


def test_limits_between_steps_are_written_where_steps_are(
    as_person: Callable[..., Client],
) -> None:
    draft = draft_version("A", {"code": "START"}, {"code": "FAB"}, {"code": "WAT"})
    client = as_person("ann", "change_routeversion", "add_queuelimit", "view_queuelimit")
    page = client.get(form_of(draft)).content.decode()
    choices = page.split('name="queue_limits-__prefix__-from_step"')[1].split("</select>")[0]
    assert [code in choices for code in (">START<", ">FAB<", ">COWOS<")] == [True, True, False]


def test_comparing_begins_with_a_choice(as_person: Callable[..., Client]) -> None:
    client = as_person("ann")
    assert "Choose two versions" in compare(client)
    assert "Select a valid choice" in compare(client, newest(), RouteVersion(pk=987654))


def test_comparing_takes_exactly_two(as_person: Callable[..., Client]) -> None:
    client = as_person("ann")
    assert "Pick exactly two versions" in act(client, "compare", newest())
    other = draft_version("A", {"code": "START"})
    both = [str(other.pk), str(RouteVersion.objects.get(route__code="A", version=1).pk)]
    sent = {"action": "compare", "_selected_action": both}
    page = client.post(list_of(RouteVersion), sent, follow=True).content.decode()
    assert page.index("A v1</th>") < page.index("A v2</th>")


def test_comparing_needs_the_right_to_see_routes(client: Client) -> None:
    user = User.objects.create_user("guest", is_staff=True)
    client.force_login(user)
    assert client.get(reverse("admin:lots_routeversion_compare")).status_code == 403


def test_lots_on_a_version_are_one_step_away(as_person: Callable[..., Client]) -> None:
    lot = wafer_lot()
    draft_version("A", {"code": "START"})
    client = as_person("ann")
    page = client.get(list_of(RouteVersion)).content.decode()
    address = f"{reverse('admin:lots_lot_changelist')}?route_version__exact={lot.route_version_id}"
    assert address in page
    assert "Compare with v1" in page
    assert lot.code in client.get(address).content.decode()


@pytest.mark.parametrize("model", [MergeRule, ReasonCode])
def test_rules_are_listed_and_changed(model: type[Model]) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    row = model._default_manager.order_by("pk")[0]
    assert str(row) in client.get(form_of(row)).content.decode()
    assert client.get(add_to(model)).status_code == 200
    assert client.get(list_of(model)).status_code == 200


def test_the_list_of_versions_asks_as_often_however_many_there_are(
    as_person: Callable[..., Client], django_assert_num_queries: Any
) -> None:
    client = as_person("ann")
    client.get(list_of(RouteVersion))
    with CaptureQueriesContext(connection) as seen:
        client.get(list_of(RouteVersion))
    for _ in range(5):
        draft_version("A", {"code": "START"})
    with django_assert_num_queries(len(seen)):
        client.get(list_of(RouteVersion))
