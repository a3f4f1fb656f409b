"""What the database would not take is said in the admin with what to do, not by its own name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from lots.models import Product, QueueLimit, RouteVersion, Waiver
from lots.tests.making import counted_lot, step

pytestmark = pytest.mark.usefixtures("catalogue")
LIMITS = "queue_limits"


@pytest.fixture
def ann(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ann"))
    return client


def ask(client: Client, **rest: object) -> str:
    """The page of a request for a waiver that was sent."""
    now = timezone.now()
    asked = {
        "gate": "results", "step": step("D", "SFT").pk, "lot": counted_lot("N1").pk,
        "product": "", "reason": "tester down", "quantity": 5,
        "valid_from_0": f"{now:%Y-%m-%d}", "valid_from_1": f"{now:%H:%M:%S}",
        "valid_to_0": f"{now + timedelta(days=2):%Y-%m-%d}", "valid_to_1": "12:00:00", **rest,
    }  # fmt: skip
    return client.post("/admin/lots/waiver/add/", asked, follow=True).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"valid_from_0": "2031-01-02", "valid_to_0": "2031-01-01"},
         "A waiver ends after it begins"),
        ({"lot": ""}, "Name a lot or a product: exactly one."),
        ({"quantity": 0}, "quantity must be from 1"),
    ],
)  # fmt: skip
def test_a_waiver_that_cannot_be_is_said_in_words(
    ann: Client, wrong: dict[str, Any], words: str
) -> None:
    text = ask(ann, **wrong)
    assert text.count(words) == 1
    assert "lots_waiver" not in text
    assert "is violated" not in text
    assert not Waiver.objects.exists()


def test_a_waiver_for_both_is_said_once(ann: Client) -> None:
    text = ask(ann, product=Product.objects.get(code="TRN3-DIE").pk)
    assert "exactly one" in text
    assert "lots_waiver" not in text


def test_a_waiver_in_order_is_kept(ann: Client) -> None:
    ask(ann)
    assert Waiver.objects.get().quantity == 5


def limits(client: Client, *hours: object) -> str:
    """The page of a draft that was sent with limits of these hours between the same steps."""
    released = RouteVersion.objects.get(route__code="D")
    draft = RouteVersion.objects.create(route=released.route, version=9, state="draft")
    steps = list(released.steps.order_by("sequence")[:2])
    for one in steps:
        one.pk, one.route_version = None, draft
        one.save()
    form: dict[str, object] = {
        "route": draft.route_id, "version": 9, "steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0,
        f"{LIMITS}-TOTAL_FORMS": len(hours), f"{LIMITS}-INITIAL_FORMS": 0,
    }  # fmt: skip
    for row, value in enumerate(hours):
        form[f"{LIMITS}-{row}-from_step"] = steps[0].pk
        form[f"{LIMITS}-{row}-to_step"] = steps[1].pk
        form[f"{LIMITS}-{row}-hours_max"] = value
    address = f"/admin/lots/routeversion/{draft.pk}/change/"
    return client.post(address, form, follow=True).content.decode()


def test_a_queue_limit_of_no_hours_is_said_in_words(ann: Client) -> None:
    text = limits(ann, 0)
    assert "Give more than 0 hours, or remove the limit." in text
    assert "lots_queuelimit" not in text
    assert not QueueLimit.objects.exists()


def test_a_queue_limit_in_order_is_kept(ann: Client) -> None:
    limits(ann, 4)
    assert QueueLimit.objects.get().hours_max == 4


def test_two_limits_between_the_same_steps_are_said_in_words(ann: Client) -> None:
    text = limits(ann, 4, 6)
    assert "Please correct the duplicate data" in text
    assert "lots_queuelimit" not in text
    assert not QueueLimit.objects.exists()
