"""Celery messages as files, for one machine: each is whole or absent, and taken by one worker.

Kombu's own transport of this kind shows a message before it is written, and a worker that reads it
then dies; it also passes messages through the machine's shared temporary folder.
"""

from __future__ import annotations

from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Messages appear and are claimed by a rename, which the file system does at once or not."""

    # The stubs name the message twice, differently; kombu passes it by position.
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time_ns():020d}_{uuid4()}.{queue}.msg"
        part = folder / f"{name}.part"
        part.write_text(dumps(payload))
        part.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue  # another worker was faster
            payload = taken.read_text()
            taken.unlink()
            return loads(payload)
        raise Empty


class Transport(filesystem.Transport):
    """kombu's transport with these channels."""

    Channel = Channel
