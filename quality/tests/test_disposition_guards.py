"""What the database refuses by itself: one's own signature, a second one, and any rewriting."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from quality.models import Disposition, Signature
from quality.tests.deciding import held_issue, proposed, signed, signer

pytestmark = pytest.mark.usefixtures("rules")


def refused(statement: str, *values: Any) -> str:
    with (
        pytest.raises(DatabaseError) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
    return str(error.value)


def sign_by_hand(signature: Signature, person_id: int) -> str:
    return refused(
        "UPDATE quality_signature SET person_id = %s, signed_at = now() WHERE id = %s",
        person_id,
        signature.pk,
    )


def test_signature_of_the_proposer_is_refused() -> None:
    disposition = proposed(held_issue())
    said = sign_by_hand(disposition.signatures.first(), disposition.proposed_by_id)  # type: ignore[arg-type]
    assert "is not signed by who proposed it" in said


def test_signature_of_the_proposer_is_refused_as_a_new_row_too() -> None:
    disposition = proposed(held_issue())
    said = refused(
        "INSERT INTO quality_signature (disposition_id, role_id, person_id, signed_at,"
        " is_refusal, note) SELECT %s, id, %s, now(), false, '' FROM auth_group"
        " WHERE name = 'Finance'",
        disposition.pk,
        disposition.proposed_by_id,
    )
    assert "is not signed by who proposed it" in said


def test_second_signature_of_one_person_is_refused() -> None:
    first, second = proposed(held_issue()).signatures.order_by("id")
    ben = signer("ben")
    Signature.objects.filter(pk=first.pk).update(person=ben, signed_at=timezone.now())
    assert "quality_signature_person_once" in sign_by_hand(second, ben.pk)


def test_given_signature_is_not_taken_back_or_passed_on() -> None:
    first = signed(held_issue()).signatures.order_by("id").first()
    assert first is not None
    assert "stand as they are" in sign_by_hand(first, signer("eve").pk)
    assert "is refused" in refused("DELETE FROM quality_signature WHERE id = %s", first.pk)


@pytest.mark.parametrize("state", ["signed", "carried-out"])
def test_state_is_not_written_past_the_signatures(state: str) -> None:
    disposition = proposed(held_issue())
    said = refused(
        "UPDATE quality_disposition SET state = %s, ended_at = %s WHERE id = %s",
        state,
        timezone.now() if state == "carried-out" else None,
        disposition.pk,
    )
    assert "lacks signatures" in said or "cannot go from proposed to carried-out" in said


def test_refusal_counts_as_no_signature() -> None:
    disposition = proposed(held_issue())
    for name, one in zip(["ben", "cleo"], disposition.signatures.order_by("id"), strict=True):
        Signature.objects.filter(pk=one.pk).update(
            person=signer(name), signed_at=timezone.now(), is_refusal=True, note="no"
        )
    wish = "UPDATE quality_disposition SET state = 'signed' WHERE id = %s"
    assert "lacks signatures" in refused(wish, disposition.pk)


def test_what_was_proposed_is_frozen() -> None:
    disposition = signed(held_issue())
    assert "is frozen" in refused("UPDATE quality_disposition SET kind = 'scrap'")
    assert "is frozen" in refused("UPDATE quality_disposition SET wafers = '[1]', quantity = 1")
    assert "is refused" in refused("DELETE FROM quality_disposition")
    assert disposition == Disposition.objects.get()


def test_disposition_does_not_begin_as_signed() -> None:
    with pytest.raises(DatabaseError, match="begins as proposed"), transaction.atomic():
        Disposition.objects.create(
            issue=held_issue(),
            kind="scrap",
            lot_id=1,
            quantity=1,
            standing={},
            reason="x",
            state="signed",
            proposed_by=signer("ann"),
            proposed_at=timezone.now(),
        )


def test_acts_are_only_added_to() -> None:
    proposed(held_issue())
    assert "is refused" in refused("UPDATE quality_dispositionact SET op_key = 'x'")
