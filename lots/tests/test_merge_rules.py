from __future__ import annotations

from typing import Any

import pytest

from lots.domain.commands import Selection
from lots.domain.errors import UnlikeLotsError
from lots.domain.words import MergeAttribute
from lots.models import Lot, MergeRule, Product, ReasonCode
from lots.selectors.rules import merge_attributes
from lots.services import load_reference, merge_lots, split_lot
from lots.services.splitting import VALUES
from lots.tests.making import again, command, counted_lot

pytestmark = pytest.mark.usefixtures("catalogue")

TODAY = ("product", "bill", "route_version", "step", "custodian", "purpose", "unit_of_measure")


def must_be_alike(attribute: str, product: str = "", *, is_required: bool = True) -> None:
    of = Product.objects.get(code=product) if product else None
    MergeRule.objects.update_or_create(
        attribute=attribute, product=of, defaults={"is_required": is_required}
    )


def merged(into: Lot, other: Lot) -> int:
    merge_lots(into=into, lots=[other], command=command())
    return again(into).quantity


def product(code: str = "NSW-1") -> Product:
    return Product.objects.get(code=code)


def child(lot: Lot, code: str) -> Lot:
    part = Selection(quantity=2)
    split_lot(lot=lot, child_code=code, selection=part, command=command())
    return Lot.objects.get(code=code)


def test_reference_demands_seven_things() -> None:
    assert merge_attributes(product()) == TODAY


def test_every_word_reads_on_a_lot() -> None:
    assert set(VALUES) == set(MergeAttribute)


def test_a_rule_of_one_product_beats_the_general() -> None:
    must_be_alike("purpose", "NSW-1", is_required=False)
    must_be_alike("customer", "NSW-1")
    assert set(merge_attributes(product())) == {*TODAY, "customer"} - {"purpose"}
    assert merge_attributes(product("TRN2")) == TODAY


def test_counts_of_different_units_never_add_up() -> None:
    must_be_alike("unit_of_measure", is_required=False)
    MergeRule.objects.exclude(attribute="unit_of_measure").delete()
    assert merge_attributes(product()) == ("unit_of_measure",)


@pytest.mark.parametrize(
    ("attribute", "changes", "said"),
    [
        ("customer", {"customer": "Cloud"}, "customer: N1 has none, N2 has Cloud"),
        ("is_hot", {"is_hot": True}, "is hot: N1 has not hot, N2 has hot"),
    ],
)
def test_more_may_have_to_be_alike(attribute: str, changes: dict[str, Any], said: str) -> None:
    into, other = counted_lot("N1"), counted_lot("N2", **changes)
    assert merged(counted_lot("N3"), counted_lot("N4", **changes)) == 20
    must_be_alike(attribute)
    with pytest.raises(UnlikeLotsError, match=said):
        merged(into, other)


def test_reworked_lots_may_have_to_stay_apart() -> None:
    into, other = counted_lot("N1"), counted_lot("N2")
    Lot.objects.filter(pk=other.pk).update(rework_attempt=1)
    must_be_alike("rework_attempt")
    with pytest.raises(UnlikeLotsError, match="rework attempt: N1 has 0, N2 has 1"):
        merged(into, other)


def test_only_parts_of_one_lot_come_together_again() -> None:
    must_be_alike("parent")
    lot = counted_lot("N1")
    first, second = child(lot, "N1.1"), child(lot, "N1.2")
    assert merged(first, second) == 4
    assert merged(lot, again(first)) == 10
    with pytest.raises(UnlikeLotsError, match="parent: N1 has N1, N2 has N2"):
        merged(again(lot), counted_lot("N2"))


def test_products_mix_where_both_allow_it() -> None:
    other = Product.objects.create(
        code="NSW-2", name="Next", family="NeuronSwitch", stepping="B0", kind="switch"
    )
    must_be_alike("product", "NSW-1", is_required=False)
    into, mixed = counted_lot("N1"), counted_lot("N2", product_code="NSW-2")
    with pytest.raises(UnlikeLotsError, match="product: N1 has NSW-1, N2 has NSW-2"):
        merged(into, mixed)
    must_be_alike("product", other.code, is_required=False)
    must_be_alike("stepping", other.code)
    with pytest.raises(UnlikeLotsError, match="stepping: N1 has none, N2 has B0"):
        merged(into, mixed)


def test_what_people_changed_stays_when_reference_is_loaded_again() -> None:
    must_be_alike("purpose", is_required=False)
    ReasonCode.objects.filter(verb="scrap", code="monitor").update(is_active=False)
    load_reference()
    assert "purpose" not in merge_attributes(product())
    assert not ReasonCode.objects.get(verb="scrap", code="monitor").is_active


def test_reasons_say_whether_they_count_in_yield() -> None:
    counts = dict(ReasonCode.objects.filter(verb="loss").values_list("code", "counts_in_yield"))
    assert (counts["test-reject"], counts["missing"]) == (True, False)
    verbs = set(ReasonCode.objects.values_list("verb", flat=True))
    assert verbs == {"loss", "bonus", "rework-out", "scrap", "bin", "reissue"}
