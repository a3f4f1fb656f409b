"""Messages as files: whole or absent, in order, each to one taker."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any, cast

import pytest
from kombu import Connection

from supplychain.broker import Channel

MESSAGES = 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@contextmanager
def channel(folder: Path) -> Iterator[Channel]:
    connection = Connection(
        "filesystem://localhost/",
        transport="supplychain.broker:Transport",
        transport_options={
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder / "control"),
        },
    )
    with connection:
        yield cast("Channel", connection.default_channel)


def taken(folder: Path) -> Iterator[Any]:
    with channel(folder) as source:
        while True:
            try:
                yield source._get("work")["number"]
            except Empty:
                return


def put(folder: Path, numbers: range) -> None:
    with channel(folder) as target:
        for number in numbers:
            target._put("work", {"number": number})


def test_messages_come_out_in_order_and_leave_nothing(folder: Path) -> None:
    put(folder, range(5))
    assert list(taken(folder)) == [0, 1, 2, 3, 4]
    assert not list(folder.glob("*.msg*"))


def test_a_message_still_being_written_is_not_seen(folder: Path) -> None:
    (folder / "00000000000000000001_a.work.msg.part").write_text("")
    assert list(taken(folder)) == []


def test_another_queue_is_left_alone(folder: Path) -> None:
    put(folder, range(1))
    with channel(folder) as source, pytest.raises(Empty):
        source._get("other")


def test_each_message_goes_to_one_of_many_takers_while_it_is_put(folder: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        putting = [pool.submit(put, folder, range(n, MESSAGES, 2)) for n in range(2)]
        taking = [pool.submit(lambda: list(taken(folder))) for _ in range(4)]
        for done in putting:
            done.result()
    found = [number for done in taking for number in done.result()] + list(taken(folder))
    assert sorted(found) == list(range(MESSAGES))
