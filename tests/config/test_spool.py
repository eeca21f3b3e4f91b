"""The broker that needs no server: whole messages, in order, each to one reader."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from kombu.connection import Connection

from config import spool

if TYPE_CHECKING:
    from pathlib import Path


def connect(folder: Path) -> Any:
    spool.register()
    options = {"folder": str(folder), "polling_interval": 0.01}
    return Connection("spool://localhost", transport_options=options)  # type: ignore[no-untyped-call]


def put(folder: Path, *bodies: object, queue: str = "runs") -> None:
    with connect(folder) as connection, connection.SimpleQueue(queue) as simple:
        for body in bodies:
            simple.put(body)


def take_all(folder: Path, queue: str = "runs") -> list[object]:
    got: list[object] = []
    with connect(folder) as connection, connection.SimpleQueue(queue) as simple:
        while True:
            try:
                message = simple.get(timeout=0.05)
            except simple.Empty:
                return got
            message.ack()
            got.append(message.payload)


def test_messages_come_out_as_they_went_in_and_leave_no_file(tmp_path: Path) -> None:
    bodies = [{"n": number, "text": "ä€"} for number in range(5)]
    put(tmp_path, *bodies)
    assert take_all(tmp_path) == bodies
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_queues_are_apart(tmp_path: Path) -> None:
    put(tmp_path, "a", queue="runs")
    put(tmp_path, "b", queue="upkeep")
    assert take_all(tmp_path, "upkeep") == ["b"]
    assert take_all(tmp_path, "runs") == ["a"]


def test_a_message_in_the_making_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "a")
    message = next(tmp_path.rglob("*.msg"))
    message.rename(message.with_suffix(".half"))
    assert take_all(tmp_path) == []


def test_a_damaged_message_is_dropped_and_the_next_one_read(tmp_path: Path) -> None:
    put(tmp_path, "a", "b")
    min(tmp_path.rglob("*.msg")).write_text("{")
    assert take_all(tmp_path) == ["b"]


def test_many_readers_share_the_messages_without_a_copy_or_a_loss(tmp_path: Path) -> None:
    put(tmp_path, *range(60))
    got: list[object] = []
    readers = [threading.Thread(target=lambda: got.extend(take_all(tmp_path))) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert Counter(got) == Counter(range(60))


def test_what_was_taken_but_not_acknowledged_goes_back_when_the_reader_leaves(tmp_path: Path) -> None:
    put(tmp_path, "a")
    with connect(tmp_path) as connection, connection.SimpleQueue("runs") as simple:
        assert simple.get(timeout=1).payload == "a"
    assert take_all(tmp_path) == ["a"]


@pytest.mark.parametrize("queue", ["../evil", "a/b", ".hidden", ""])
def test_a_queue_name_never_leaves_the_folder(tmp_path: Path, queue: str) -> None:
    with connect(tmp_path) as connection, pytest.raises(ValueError, match="queue name"):
        connection.channel()._folder(queue)
