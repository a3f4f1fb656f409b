"""Material told anew on the page of the lot that was built with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lots.models import Lot, MaterialUse
from operations.selectors.lots import family
from operations.tests.line import Line
from operations.tests.materials import cpus, server_with
from operations.tests.test_more_acts import Acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody(as_role: Callable[[str], Client], line: Line) -> Acting:
    return Acting(as_role("Administrator"))


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_material_is_told_anew_on_the_page_of_what_was_built(somebody: Acting, line: Line) -> None:
    cpus("CPU-A", 5), cpus("CPU-B", 5)
    server_with(line, "SRV-A", "CPU-A")
    assert "/lots/LOT-SRV-A/do/reissue" in somebody.client.get("/lots/LOT-SRV-A").content.decode()
    page = somebody.ask("LOT-SRV-A", "reissue")
    assert "1 CPU-1 of CPU-A, built" in page
    use = MaterialUse.objects.get()
    answers = {"use": use.pk, "issued_from": "CPU-B", "quantity": "", "reason": "wrong-lot"}
    shown = text_of(somebody.act("LOT-SRV-A", "reissue", "try", **answers))
    assert "Lot CPU-A Quantity 4 components 5 components" in shown
    assert re.search(r"Of lot CPU-B\W+1 component", shown), shown[-1500:]
    assert MaterialUse.objects.count() == 1
    wrong = somebody.act("LOT-SRV-A", "reissue", "try", **{**answers, "issued_from": "GHOST"})
    assert "There is no lot GHOST" in wrong.content.decode()
    unsaid = somebody.act("LOT-SRV-A", "reissue", "do", **{**answers, "reason": "exchanged"})
    assert "Say that it is an exchange, or choose the reason" in unsaid.content.decode()
    somebody.done("LOT-SRV-A", "reissue", **answers)
    told = text_of(somebody.client.get("/lots/LOT-SRV-A"))
    assert "1 from CPU-B, not from CPU-A" in told
    assert "1 component given back" in text_of(somebody.client.get("/lots/CPU-A"))
    drawn = str(family(Lot.objects.get(code="LOT-SRV-A")))
    assert ("CPU-B" in drawn, "CPU-A" in drawn) == (True, False)
    assert family(Lot.objects.get(code="CPU-A")) is None
    trace = somebody.client.get("/api/v1/units/SRV-A/trace").json()
    assert [one["lot"] for one in trace["materials"]] == ["CPU-B"]


def test_only_what_was_built_has_material_to_tell_anew(somebody: Acting, line: Line) -> None:
    assert "/do/reissue" not in somebody.client.get("/lots/W7Q3").content.decode()
