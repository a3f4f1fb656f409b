"""The same settings carry tasks over every broker an operator may choose."""

from __future__ import annotations

from tests.brokers.conftest import Broker, kill_group


def test_task_sent_before_the_worker_starts_is_done(broker: Broker) -> None:
    broker.send("tests.note", "one")
    broker.start_worker()
    broker.wait_for(lambda: broker.notes == ["one"])


def test_task_of_a_killed_worker_does_not_block_the_next(broker: Broker) -> None:
    worker = broker.start_worker()
    broker.send("tests.note_twice", 600)
    broker.wait_for(lambda: broker.notes == ["begun"])
    kill_group(worker)
    broker.send("tests.note", "next")
    broker.start_worker()
    # RabbitMQ gives the lost task again at once, so it may stand before or after.
    broker.wait_for(lambda: "next" in broker.notes or broker.notes.count("begun") > 1)
    assert "ended" not in broker.notes
