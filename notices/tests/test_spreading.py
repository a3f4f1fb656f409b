from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from lots.models import Product, Supplier
from notices.domain.words import NoticeKind, Severity
from notices.models import Delivery, Notice, Subscription
from notices.services import announce, pause, resume, spread_notices, unsubscribe
from notices.tests.telling import NOW, news, person, spread, subscribed
from tests.kept_rows import load_kept

pytestmark = pytest.mark.django_db


def test_a_notice_is_told_once_however_often_it_is_said() -> None:
    subscribed(person())
    one = news()
    announce([one, one])
    announce([one])
    assert spread(one) == [("ann", "waiting")]
    assert spread_notices(now=NOW) == 0
    assert (Notice.objects.count(), Delivery.objects.count()) == (1, 1)


def test_what_is_rolled_back_is_not_told() -> None:
    with transaction.atomic():
        announce([news()])
        transaction.set_rollback(True)
    assert spread_notices(now=NOW) == 0


def test_only_those_hear_who_want_and_may() -> None:
    load_kept("lots")
    chip, switch = Product.objects.get(code="TRN3"), Product.objects.get(code="NSW-1")
    foundry = Supplier.objects.get(code="TSMC")
    subscribed(person("all"), severity_min=Severity.INFORMATION)
    subscribed(person("worst"), severity_min=Severity.CRITICAL)
    subscribed(person("chips"), products=[chip])
    subscribed(person("switches"), products=[switch])
    subscribed(person("foundry"), suppliers=[foundry])
    subscribed(person("signer"), kinds=[NoticeKind.DISPOSITION_PROPOSED])
    subscribed(person("stranger", may=False))
    subscribed(person("left", is_active=False))
    subscribed(person("paused"), is_paused=True)
    found = spread(news(product_id=chip.pk, supplier_id=foundry.pk))
    assert [name for name, _ in found] == ["all", "chips", "foundry"]


def test_what_is_for_one_person_goes_to_nobody_else() -> None:
    ann, ben = person("ann", may=False), person("ben")
    subscribed(ann, severity_min=Severity.CRITICAL)
    subscribed(ben)
    assert spread(news(kind=NoticeKind.ISSUE_ASSIGNED, recipient_id=ann.pk)) == [("ann", "waiting")]


def test_a_cause_is_not_told_again_for_a_day_unless_it_got_worse() -> None:
    subscribed(person())
    first = news(cause="one cause")
    again = replace(first, key="again", kind=NoticeKind.ISSUE_REOPENED)
    worse = replace(first, key="worse", severity=Severity.CRITICAL)
    assert spread(first, again, worse) == [("ann", s) for s in ("waiting", "repeated", "waiting")]
    Delivery.objects.update(recorded_at=NOW - timedelta(hours=25))
    assert spread(replace(first, key="next day")) == [("ann", "waiting")]


def test_pausing_drops_what_waits() -> None:
    wish = subscribed(person())
    one = news()
    spread(one)
    pause(subscription=wish)
    assert Delivery.objects.get().state == "cancelled"
    assert spread(news()) == []
    resume(subscription=wish)
    assert spread(news()) == [("ann", "waiting")]
    unsubscribe(subscription=wish)
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("half", [{"quiet_from": "22:00"}, {"endpoint": None, "person": None}])
def test_a_subscription_is_whole(half: dict[str, str | None]) -> None:
    fields = {"person": person(), **half}
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.create(**fields)
