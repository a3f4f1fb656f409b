"""Life under burn-in as it was proven, from loads to an answer over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from lots.domain.words import LotPurpose
from lots.models import Lot
from quality.domain.burn_in_plans import Assumed
from quality.selectors.lives import burnt_in_products, lives_of, lots_lost, reliability
from quality.tests.test_fallout import failing
from supplychain.base.errors import MissingError
from testing.models import BurnInRequirement, BurnInUnit
from testing.services import record_burn_in
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")
ASSUMED = Assumed(use_celsius=85, stress_celsius=125)


def burn(line: Line, *bad: str) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), *bad))


def proven(serial: str, hours: float) -> None:
    BurnInUnit.objects.filter(unit__serial=serial).update(chargeable_hours=hours)


def test_a_unit_lives_for_all_its_proven_hours(line: Line) -> None:
    burn(line, "C1", "C3")
    record_burn_in(oven_load(line, "C1", start_hour=10, source_sha256="d" * 64))
    BurnInUnit.objects.update(chargeable_hours=4.0)
    proven("C3", 0.0)
    lives = lives_of(line.chip_lot.product)
    assert (lives.failed, lives.passed, lives.left_out) == ((), (4.0, 8.0), 1)
    assert lives.hours == 12.0


def test_engineering_lots_and_other_steps_are_left_out(line: Line) -> None:
    burn(line)
    product = line.chip_lot.product
    assert list(burnt_in_products()) == [product]
    assert lives_of(product, "BI").units == 3
    assert lives_of(product, "FT-HOT").units == 0
    assert lots_lost(product, "FT-HOT") == []
    Lot.objects.update(purpose=LotPurpose.ENGINEERING)
    assert lives_of(product).units == 0


def test_lots_stand_against_what_they_may_lose(line: Line) -> None:
    burn(line, "C1", "C3")
    (lost,) = lots_lost(line.chip_lot.product)
    assert (lost.lot, lost.step, lost.fallout.is_exceeded) == ("AS-1", "BI", True)


def test_fails_after_different_times_give_a_life_and_plans(line: Line) -> None:
    burn(line, "C1", "C3")
    proven("C1", 0.5)
    proven("C2", 24.0)
    proven("C3", 6.0)
    found = reliability(line.chip_lot.product, "", ASSUMED)
    assert found.life is not None
    assert found.requirement is not None
    assert found.plans[3].hours == found.requirement.hours
    assert [hours for hours, _ in found.survival] == [0.5, 6.0]
    assert [share for _, share in found.survival] == pytest.approx([2 / 3, 1 / 3])
    BurnInRequirement.objects.filter(product=line.chip_lot.product).update(step_code="OTHER")
    without = reliability(line.chip_lot.product, "", replace(ASSUMED, ppm_max=1))
    assert (without.requirement, without.plans[3].hours) == (None, 24.0)


def test_a_step_that_burns_nothing_in_is_refused_with_those_that_do(line: Line) -> None:
    burn(line)
    assert reliability(line.chip_lot.product, "BI", ASSUMED).lives.units == 3
    with pytest.raises(MissingError, match=r"FT-HOT is no burn-in step\. Known: BI"):
        reliability(line.chip_lot.product, "FT-HOT", ASSUMED)


def test_the_api_says_what_is_known(line: Line) -> None:
    burn(line)
    client, reader = APIClient(), User.objects.create_user("reader")
    reader.user_permissions.add(Permission.objects.get(codename="view_burninunit"))
    client.force_login(reader)
    asked = {"product": "TRN3", "use_celsius": "85", "stress_celsius": "125"}
    body = client.get("/api/v1/reliability", asked).json()
    assert (body["units"], body["failed"], body["life"]) == (3, 0, None)
    assert body["rate"]["fit"] == body["sensitivity"][1]["fit"]
    assert client.get("/api/v1/reliability", {**asked, "product": "X"}).status_code == 404
    assert client.get("/api/v1/reliability", {**asked, "ppm_max": "0"}).status_code == 400
