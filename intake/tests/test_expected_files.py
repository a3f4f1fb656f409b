from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from intake.detectors.expected import FileMissing
from intake.models import Arrival, ExpectedFile, FeedMapping
from intake.selectors import expectations
from intake.tests.handing import loaded, start_row, wip, wip_row
from intake.tests.stdf_builder import sort_file
from lots.models import Supplier

pytestmark = pytest.mark.django_db


def expected(name: str = "OSAT1 WIP", **words: Any) -> ExpectedFile:
    fields: dict[str, object] = {
        "name": name,
        "supplier": Supplier.objects.get(code="OSAT1"),
        "name_pattern": "osat1_*.wip.csv",
        "every_hours": 24,
        "starts_at": timezone.now() - timedelta(days=3),
    }
    return ExpectedFile.objects.create(**{**fields, **words})


def test_a_file_that_does_not_come_is_an_issue_until_it_comes(material: Path) -> None:
    expected()
    (finding,) = FileMissing().find(timezone.now())
    assert finding.title == "OSAT1 WIP of OSAT1 has not arrived"
    assert finding.evidence.facts["last_arrived_at"] == "never"
    loaded(wip(start_row()), "OSAT1_0301.wip.csv")
    assert FileMissing().find(timezone.now()) == []
    (later,) = FileMissing().find(timezone.now() + timedelta(hours=27))
    assert later.evidence.facts["last_file"] == "OSAT1_0301.wip.csv"


def test_a_file_counts_by_its_kind_too(material: Path) -> None:
    expected("any wip", name_pattern="", kind="wip")
    expected("any asn", name_pattern="", kind="asn")
    expected("off", is_enabled=False)
    loaded(wip(start_row()), "x.wip.csv")
    late, came = expectations(timezone.now())
    assert (late.expected.name, late.state) == ("any asn", "late")
    assert (came.expected.name, came.state, came.arrived_name) == (
        "any wip",
        "arrived",
        "x.wip.csv",
    )


def test_another_suppliers_file_is_not_the_one_that_was_expected(material: Path) -> None:
    expected(name_pattern="", kind="wip")
    loaded(wip({**start_row(), "supplier": "ODM1"}), "odm1.wip.csv")
    assert [one.state for one in expectations(timezone.now())] == ["late"]
    both = wip_row("hold", "W1", 1, reason="x"), {**wip_row("hold", "W2", 1), "supplier": "ODM1"}
    loaded(wip(*both), "both.wip.csv")
    (one,) = expectations(timezone.now())
    assert (one.state, one.arrived_name) == ("arrived", "both.wip.csv")


def test_a_mapping_says_whose_file_it_is(material: Path) -> None:
    expected(name_pattern="", kind="wip")
    other = Supplier.objects.get(code="ODM1")
    mapping = FeedMapping.objects.create(
        name="ODM1", supplier=other, kind="wip", file_pattern="odm1*"
    )
    loaded(wip(start_row()), "odm1.wip.csv")
    assert [one.state for one in expectations(timezone.now())] == ["late"]
    FeedMapping.objects.filter(pk=mapping.pk).update(supplier=Supplier.objects.get(code="OSAT1"))
    assert [one.state for one in expectations(timezone.now())] == ["arrived"]


def test_a_rejected_file_has_not_arrived(material: Path) -> None:
    expected()
    assert loaded(b"a,b\n", "osat1_1.wip.csv").state == "rejected"
    assert [one.state for one in expectations(timezone.now())] == ["late"]


def test_a_test_file_counts_by_its_name(material: Path) -> None:
    expected(name_pattern="osat1_*", kind="stdf")
    sort = sort_file(lot="W1", flow="CP1", wafers=("1",), part_type="TRN3-DIE")
    loaded(sort, "osat1_1.stdf", creates_lots=True)
    assert [one.state for one in expectations(timezone.now())] == ["arrived"]


def test_a_file_of_weekdays_is_due_by_the_clock_of_its_zone(material: Path) -> None:
    row = expected(every_hours=0, weekdays="mon, thu", time_zone="Asia/Taipei")
    row.starts_at = timezone.now()
    row.save()
    (one,) = expectations(timezone.now())
    assert (one.state, one.is_late) == ("due", False)
    assert one.due_at.utcoffset() == timedelta(hours=8)


def test_many_expectations_take_two_queries(
    material: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        expected(f"file {number}")
    loaded(wip(start_row()), "osat1_1.wip.csv")
    assert Arrival.objects.count() == 1
    with django_assert_num_queries(2):
        assert len(expectations(timezone.now())) == 5


@pytest.mark.parametrize("words", [{"name_pattern": ""}, {"every_hours": 0}, {"weekdays": "mon"}])
def test_an_expectation_says_which_file_and_when(material: Path, words: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        expected(**words)


@pytest.mark.parametrize(("field", "value"), [("weekdays", "xyz"), ("time_zone", "Taipei")])
def test_days_and_zones_that_are_none_are_refused(material: Path, field: str, value: str) -> None:
    row = expected(every_hours=0, weekdays="mon")
    setattr(row, field, value)
    with pytest.raises(ValidationError, match=value):
        row.full_clean()


def test_names_are_shown(material: Path) -> None:
    assert str(expected()) == "OSAT1 WIP"
