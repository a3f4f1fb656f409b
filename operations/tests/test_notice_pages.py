"""What people subscribe to on their own page, and receivers on the administrator's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from notices.models import Delivery, Endpoint, Subscription
from notices.services import announce, spread_notices
from notices.tests.telling import NOW, news, person, subscribed

pytestmark = pytest.mark.django_db

ASKED = {"severity_min": "minor", "zone": "Asia/Taipei", "wakes_for_critical": "on"}


def test_a_person_subscribes_changes_pauses_and_ends(as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    assert "no e-mail address" in client.get("/notices").content.decode()
    asked = {**ASKED, "kinds": ["issue.opened"], "quiet_from": "22:00", "quiet_to": "06:30"}
    assert client.post("/notices", asked).status_code == 302
    wish = Subscription.objects.get()
    assert (wish.severity_min, wish.kinds, wish.zone) == ("minor", ["issue.opened"], "Asia/Taipei")
    text = client.get("/notices").content.decode()
    assert "quiet 22:00 to 06:30 (Asia/Taipei)" in text
    client.post(f"/notices/{wish.pk}", {**ASKED, "digest_at": "07:00"})
    assert "once a day at 07:00" in client.get("/notices").content.decode()
    client.post(f"/notices/{wish.pk}/pause")
    assert Subscription.objects.get().is_paused
    client.post(f"/notices/{wish.pk}/resume")
    assert not Subscription.objects.get().is_paused
    client.post(f"/notices/{wish.pk}/end")
    assert not Subscription.objects.exists()


def test_half_of_quiet_hours_is_refused_in_place(as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    for address in ("/notices", f"/notices/{subscribed(User.objects.get()).pk}"):
        text = client.post(address, {**ASKED, "quiet_from": "22:00"}).content.decode()
        assert "Give both ends of the quiet hours" in text
    assert Subscription.objects.count() == 1


def test_nobody_touches_what_others_subscribed_to(as_role: Callable[[str], Client]) -> None:
    other, client = subscribed(person("ben")), as_role("Operator")
    assert client.get(f"/notices/{other.pk}").status_code == 403
    assert client.post(f"/notices/{other.pk}/end").status_code == 403
    assert client.post(f"/notices/{other.pk}/burn").status_code == 404
    assert client.get(f"/notices/{other.pk + 1}").status_code == 404
    assert client.get(f"/notices/{other.pk}/end").status_code == 302
    assert Subscription.objects.count() == 1


def test_the_page_shows_what_was_told_and_what_went_wrong(
    as_role: Callable[[str], Client],
) -> None:
    client = as_role("Administrator")
    subscribed(User.objects.get())
    announce([news(subject="Q-000007 Bins are high")])
    spread_notices(now=NOW)
    Delivery.objects.update(last_error="The mail server: no route")
    text = client.get("/notices").content.decode()
    assert "Q-000007 Bins are high" in text
    assert "The mail server: no route" in text


def test_an_administrator_makes_a_receiver_and_sees_its_secret_once(
    as_role: Callable[[str], Client], settings: Settings
) -> None:
    client = as_role("Administrator")
    rows = {
        "subscriptions-TOTAL_FORMS": "1", "subscriptions-INITIAL_FORMS": "0",
        **{f"subscriptions-0-{name}": value for name, value in ASKED.items()},
    }  # fmt: skip
    address = "/admin/notices/endpoint/add/"
    refused = client.post(address, {"name": "chat", "url": "http://inside/", **rows})
    assert "Only https is allowed." in refused.content.decode()
    made = client.post(address, {"name": "chat", "url": "https://a.example/", **rows}, follow=True)
    endpoint = Endpoint.objects.get()
    assert endpoint.secret in made.content.decode()
    page = client.get(f"/admin/notices/endpoint/{endpoint.pk}/change/").content.decode()
    assert endpoint.secret not in page
    picked = {"_selected_action": [endpoint.pk]}
    client.post("/admin/notices/endpoint/", {"action": "test", **picked})
    assert Delivery.objects.get().notice.kind == "test"
    client.post("/admin/notices/endpoint/", {"action": "rotate", "confirmed": "1", **picked})
    assert Endpoint.objects.get().secret != endpoint.secret
    client.post("/admin/notices/endpoint/", {"action": "switch_off", **picked})
    off = client.post("/admin/notices/endpoint/", {"action": "test", **picked}, follow=True)
    assert "is off" in off.content.decode()
    client.post("/admin/notices/endpoint/", {"action": "switch_on", **picked})
    assert Endpoint.objects.get().disabled_at is None


def test_what_failed_is_sent_again_from_the_log(as_role: Callable[[str], Client]) -> None:
    client = as_role("Administrator")
    subscribed(User.objects.get())
    announce([news()])
    spread_notices(now=NOW)
    Delivery.objects.update(state="failed", attempts=9)
    picked = {"_selected_action": [Delivery.objects.get().pk], "action": "again", "confirmed": "1"}
    client.post("/admin/notices/delivery/", picked)
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert client.get("/admin/notices/delivery/").status_code == 200
