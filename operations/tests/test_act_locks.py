"""Acts on pages lock the lots that they touch in one order, so that two people do not deadlock."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from lots.domain.commands import Build, Part
from lots.models import Lot, Product
from lots.services import locked_lots
from lots.tests.making import command, counted_lot, die_lot, good_units, step
from operations.services.acting.frame import LotAct
from operations.services.lot_acts import LOT_ACTS, do_act, try_act

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reference")]

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
SECONDS_MAX = 30


def build_of_both(first: Lot, second: Lot) -> None:
    """A package of a die of each, asked for on the page of the second lot."""
    dies = (good_units(first)[0], good_units(second)[0])
    parts = tuple(Part(die.serial, f"D{place}") for place, die in enumerate(dies))
    answers = {
        "product": Product.objects.get(code="TRN3"),
        "lot_code": "P1",
        "at_step": step("A", "COWOS"),
        "builds": (Build("P1-0", parts),),
        "materials": (),
    }
    try:
        do_act(act=LOT_ACTS["assemble"], lots=[second], answers=answers, command=command("build"))
    finally:
        connection.close()


def wait_for_the_lock(work: Future[None]) -> None:
    until = time.monotonic() + SECONDS_MAX
    while not work.done() and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone() == (1,):
                return
        time.sleep(0.05)
    raise AssertionError("the act does not wait for the first lot")


def test_an_act_that_waits_for_a_lot_has_locked_no_later_one() -> None:
    first, second = die_lot("W1"), die_lot("W2")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locked_lots([first.pk])
            work = pool.submit(build_of_both, first, second)
            wait_for_the_lock(work)
            assert Lot.objects.select_for_update(nowait=True).get(pk=second.pk) == second
        work.result(SECONDS_MAX)
    assert Lot.objects.get(code="P1").quantity == 1


def losing(act: LotAct, times: int) -> LotAct:
    """The act, which loses so many deadlocks first."""
    left = [None] * times

    def run(*args: object) -> object:
        if left:
            left.pop()
            raise OperationalError("deadlock detected") from DeadlockDetected()
        return act.run(*args)  # type: ignore[arg-type]

    return LotAct(act.verb, act.title, act.icon, act.right, act.done, run)


def test_an_act_that_loses_a_deadlock_is_done_again() -> None:
    lot = counted_lot("N1")
    answers = {"quantity": 2, "reason": "found"}
    bonus = losing(LOT_ACTS["bonus"], 2)
    asked = command("found", reason="found")
    assert try_act(act=bonus, lots=[lot], answers=answers, command=asked)
    assert Lot.objects.get(code="N1").quantity == 10
    do_act(act=losing(LOT_ACTS["bonus"], 2), lots=[lot], answers=answers, command=asked)
    assert Lot.objects.get(code="N1").quantity == 12
