"""Material review up to the last signature."""

from __future__ import annotations

import pytest

from lots.domain.errors import QuantityError
from lots.models import Hold, Lot
from lots.services import release_hold
from lots.tests.making import wafer_lot
from quality.domain.dispositions import DispositionMoveError
from quality.domain.words import DispositionState, IssueState
from quality.models import Disposition, RequiredSignature
from quality.selectors.dispositions import (
    disposition_by_number,
    holds_of_issue,
    waiting_for,
)
from quality.services import (
    clear_causes,
    dismiss_issue,
    load_reference,
    merge_issue,
    propose_disposition,
    refuse_disposition,
    resolve_issue,
    sign_disposition,
    withdraw_disposition,
)
from quality.tests.building import NOW, raised
from quality.tests.deciding import (
    held_issue,
    hold_for,
    hold_wafers,
    now_of,
    order,
    proposed,
    signed,
    signer,
    told,
)
from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    MalformedError,
    MissingError,
    RefusedError,
)

pytestmark = pytest.mark.usefixtures("rules")


def roles(disposition: Disposition) -> list[str]:
    return list(disposition.signatures.order_by("id").values_list("role__name", flat=True))


def kinds(disposition: Disposition) -> list[str]:
    return list(disposition.issue.events.values_list("kind", flat=True))


def test_proposal_names_who_must_sign() -> None:
    issue = held_issue()
    disposition = proposed(issue)
    assert roles(disposition) == ["Quality", "Test engineer"]
    assert (disposition.state, disposition.quantity) == (DispositionState.PROPOSED, 3)
    assert issue.events.last().note == (  # type: ignore[union-attr]
        f"{disposition} of lot W1, quantity 3. edge dies only"
    )


def test_finance_signs_scrap_above_the_count_of_the_unit() -> None:
    issue = held_issue()
    assert roles(proposed(issue, "scrap")) == ["Quality", "Finance"]


def test_finance_does_not_sign_scrap_of_two_wafers() -> None:
    assert roles(proposed(held_issue(), "scrap", wafers=(1, 2))) == ["Quality"]


def test_whoever_proposes_takes_an_issue_that_nobody_owns() -> None:
    disposition = proposed(held_issue())
    assert disposition.issue.owner == disposition.proposed_by


def test_material_must_be_on_hold_for_the_issue() -> None:
    wafer_lot("W1", step="CP1")
    with pytest.raises(RefusedError, match=r"Lot W1 is not on hold for Q-000001. Hold it first"):
        proposed(raised())


def test_hold_for_another_issue_is_none_for_this() -> None:
    held_issue()
    with pytest.raises(RefusedError, match="not on hold for Q-000002"):
        proposed(raised("other"))


def test_part_beyond_the_hold_is_refused() -> None:
    lot = wafer_lot("W1", step="CP1")
    issue = raised()
    hold_wafers(issue, lot, 1)
    with pytest.raises(RefusedError, match="All that is named is not on hold"):
        proposed(issue, "scrap", wafers=(1, 2))


def test_wafers_that_the_lot_has_not_are_refused() -> None:
    with pytest.raises(QuantityError):
        proposed(held_issue(), "scrap", wafers=(9,))


def test_one_lot_waits_for_one_decision_an_issue() -> None:
    issue = held_issue()
    proposed(issue)
    with pytest.raises(RefusedError, match=r"D-.* on lot W1 is not carried out"):
        proposed(issue, "scrap")


def test_closed_issue_takes_no_proposal() -> None:
    issue = held_issue()
    dismiss_issue(issue=issue, actor=signer("ann"), reason="split lot")
    with pytest.raises(RefusedError, match="Q-000001 is dismissed; reopen it first"):
        proposed(issue)


def test_kind_that_nobody_signs_is_refused() -> None:
    RequiredSignature.objects.filter(kind="use-as-is").delete()
    with pytest.raises(RefusedError, match="No role is named to sign use-as-is"):
        proposed(held_issue())


def test_who_signs_is_loaded_for_kinds_without_and_else_left_alone() -> None:
    RequiredSignature.objects.filter(kind="use-as-is", role__name="Quality").delete()
    RequiredSignature.objects.filter(kind="retest").delete()
    load_reference()
    left = RequiredSignature.objects.filter(kind__in=["use-as-is", "retest"])
    assert set(left.values_list("kind", "role__name")) == {
        ("use-as-is", "Test engineer"),
        ("retest", "Quality"),
    }


def test_repeated_proposal_gets_the_first_answer() -> None:
    issue, ann = held_issue(), signer("ann")
    first, second = (
        propose_disposition(issue=issue, order=order(), command=told(ann, "key")) for _ in range(2)
    )
    assert first == second
    assert kinds(first).count("proposed") == 1


def test_key_with_other_words_is_refused() -> None:
    issue, ann = held_issue(), signer("ann")
    propose_disposition(issue=issue, order=order(), command=told(ann, "key"))
    with pytest.raises(ConflictError):
        propose_disposition(issue=issue, order=order("scrap"), command=told(ann, "key"))


def test_last_signature_makes_it_ready() -> None:
    disposition = proposed(held_issue())
    sign_disposition(disposition=disposition, command=told(signer("ben", "Quality")))
    assert now_of(disposition).state == DispositionState.PROPOSED
    cleo = signer("cleo", "Test engineer")
    sign_disposition(disposition=disposition, command=told(cleo), note="dies pass hot")
    assert now_of(disposition).state == DispositionState.SIGNED
    assert kinds(disposition)[-3:] == ["proposed", "signed", "signed"]


def test_proposer_does_not_sign() -> None:
    disposition = proposed(held_issue())
    with pytest.raises(ForbiddenError, match=r"You proposed D-.* Others sign it"):
        sign_disposition(disposition=disposition, command=told(signer("ann", "Quality")))


def test_one_person_in_two_roles_signs_once() -> None:
    disposition = proposed(held_issue())
    ben = signer("ben", "Quality")
    ben = signer("ben", "Test engineer")
    sign_disposition(disposition=disposition, command=told(ben))
    with pytest.raises(ForbiddenError, match=r"You signed D-.* before"):
        sign_disposition(disposition=disposition, command=told(ben))


def test_other_role_does_not_sign() -> None:
    disposition = proposed(held_issue())
    with pytest.raises(ForbiddenError, match="waits for Quality, Test engineer"):
        sign_disposition(disposition=disposition, command=told(signer("dan", "Finance")))


def test_repeated_signature_is_one() -> None:
    disposition, ben = proposed(held_issue()), signer("ben", "Quality")
    for _ in range(2):
        sign_disposition(disposition=disposition, command=told(ben, "key"))
    assert kinds(disposition).count("signed") == 1


def test_refusal_ends_it_with_its_reason() -> None:
    disposition, ben = proposed(held_issue()), signer("ben", "Quality")
    refuse_disposition(disposition=disposition, command=told(ben), reason="not proven")
    ended = now_of(disposition)
    assert (ended.state, ended.end_note, ended.ended_by) == ("refused", "not proven", ben)
    with pytest.raises(DispositionMoveError, match="is refused; to sign it"):
        sign_disposition(disposition=ended, command=told(signer("cleo", "Test engineer")))


def test_refusal_needs_a_reason() -> None:
    disposition = proposed(held_issue())
    with pytest.raises(MalformedError, match="Say why"):
        refuse_disposition(
            disposition=disposition, command=told(signer("ben", "Quality")), reason=" "
        )


def test_repeated_refusal_and_withdrawal_are_one() -> None:
    issue, ben = held_issue(), signer("ben", "Quality")
    refused = proposed(issue)
    withdrawn = proposed(held_issue(wafer_lot("W2", step="CP1")), lot="W2")
    for _ in range(2):
        refuse_disposition(disposition=refused, command=told(ben, "a"), reason="no")
        withdraw_disposition(
            disposition=withdrawn, command=told(signer("ann"), "b"), reason="typing error"
        )
    assert kinds(refused)[-2:] == ["proposed", "refused"]
    assert kinds(withdrawn)[-2:] == ["proposed", "withdrawn"]


def test_signed_disposition_is_withdrawn_by_who_may_carry_it_out() -> None:
    disposition = signed(held_issue())
    with pytest.raises(ForbiddenError, match="withdraws it"):
        withdraw_disposition(
            disposition=disposition, command=told(signer("eve")), reason="changed my mind"
        )
    may = signer("ben", "Quality", "carry_out_disposition")
    withdraw_disposition(disposition=disposition, command=told(may), reason="new facts")
    assert now_of(disposition).state == DispositionState.WITHDRAWN


def test_issue_with_an_open_disposition_is_not_closed() -> None:
    issue = held_issue()
    disposition = proposed(issue)
    wanted = rf"{disposition.number} \(use-as-is of lot W1, proposed\)"
    with pytest.raises(RefusedError, match=wanted):
        resolve_issue(issue=issue, actor=signer("ann"), note="done")
    with pytest.raises(RefusedError, match=wanted):
        dismiss_issue(issue=issue, actor=signer("ann"), reason="nothing")


def test_issue_with_an_ended_disposition_is_closed() -> None:
    issue = held_issue()
    withdraw_disposition(disposition=proposed(issue), command=told(signer("ann")), reason="no need")
    resolve_issue(issue=issue, actor=signer("ann"), note="done")


def test_issue_with_an_open_disposition_does_not_resolve_itself() -> None:
    issue = held_issue()
    proposed(issue)
    issue.refresh_from_db()
    issue.owner = None
    issue.save()
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    issue.refresh_from_db()
    assert issue.state == IssueState.OPEN


def test_it_waits_for_those_who_could_sign_it() -> None:
    disposition = proposed(held_issue())
    ben, cleo = signer("ben", "Quality"), signer("cleo", "Test engineer")
    sign_disposition(disposition=disposition, command=told(ben))
    assert list(waiting_for(cleo)) == [disposition]
    assert list(waiting_for(ben)) == []
    assert list(waiting_for(signer("ann"))) == []
    assert list(waiting_for(signer("dan", "Finance"))) == []


def test_numbers_find_dispositions() -> None:
    disposition = proposed(held_issue())
    assert disposition_by_number(disposition.number) == disposition
    with pytest.raises(MissingError):
        disposition_by_number("D-999999")


def test_a_hold_is_not_released_beside_the_board() -> None:
    issue = held_issue()
    hold, ann = holds_of_issue(issue).get(), signer("ann", "Quality", "release_lot")
    disposition = proposed(issue)
    with pytest.raises(RefusedError, match=f"{disposition.number} .use-as-is. on lot W1 waits for"):
        release_hold(hold=hold, disposition="fine by me", command=told(ann))
    withdraw_disposition(disposition=disposition, command=told(ann), reason="no need")
    release_hold(hold=hold, disposition="fine by all", command=told(ann))
    assert not holds_of_issue(issue).exists()


def test_a_hold_for_what_was_merged_is_the_boards_too() -> None:
    survivor, merged = held_issue(), raised("another cause", lot_id=Lot.objects.get(code="W1").pk)
    hold = hold_for(merged, Lot.objects.get(code="W1"))
    merge_issue(issue=merged, into=survivor, actor=signer("ann"), reason="one cause")
    proposed(survivor)
    with pytest.raises(RefusedError, match="waits for signatures"):
        release_hold(hold=hold, disposition="fine by me", command=told(signer("ann")))


def test_other_holds_of_the_lot_are_released_meanwhile() -> None:
    issue = held_issue()
    other = hold_for(raised("other"), Lot.objects.get(code="W1"))
    proposed(issue)
    release_hold(hold=other, disposition="fine", command=told(signer("ann")))
    assert Hold.objects.filter(released_at=None).count() == 1
