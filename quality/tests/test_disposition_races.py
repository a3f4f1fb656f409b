"""Two people at one disposition at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from lots.domain.words import Verb
from lots.models import Event
from lots.tests.making import again
from quality.domain.words import DispositionState
from quality.models import Disposition
from quality.services import carry_out_disposition, sign_disposition
from quality.tests.deciding import held_issue, now_of, proposed, signed, signer, told
from supplychain.base.errors import SupplychainError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]


def together(*works: Callable[[], object]) -> list[str]:
    """All at once; the codes of what was refused."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> str:
        barrier.wait(timeout=10)
        try:
            work()
        except SupplychainError as error:
            return error.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(works)) as pool:
        done = [pool.submit(run, work) for work in works]
        return sorted(filter(None, (one.result(timeout=30) for one in done)))


def signing(disposition: Disposition, name: str, role: str) -> Callable[[], object]:
    wish = told(signer(name, role))
    return lambda: sign_disposition(disposition=disposition, command=wish)


def test_two_signers_at_once_both_count() -> None:
    disposition = proposed(held_issue())
    both = [("ben", "Quality"), ("cleo", "Test engineer")]
    assert together(*(signing(disposition, *one) for one in both)) == []
    assert now_of(disposition).state == DispositionState.SIGNED


def test_two_of_one_role_at_once_give_one_signature() -> None:
    disposition = proposed(held_issue())
    both = [("ben", "Quality"), ("bea", "Quality")]
    assert together(*(signing(disposition, *one) for one in both)) == ["forbidden"]
    assert disposition.signatures.exclude(person=None).count() == 1


@pytest.mark.parametrize(
    ("keys", "refusals"),
    [(["same", "same", "same"], []), (["a", "b", "c"], ["disposition-move"] * 2)],
)
def test_carried_out_at_once_is_done_once(keys: list[str], refusals: list[str]) -> None:
    disposition = signed(held_issue(), "scrap", wafers=(2,))
    ben = signer("ben")
    works = [
        lambda key=key: carry_out_disposition(disposition=disposition, command=told(ben, key))
        for key in keys
    ]
    assert together(*works) == refusals
    assert Event.objects.filter(verb=Verb.SCRAP).count() == 1
    assert again(disposition.lot).quantity == 2
