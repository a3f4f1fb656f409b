"""What the children say: all of it into bounded log files, the part that matters to the console."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from supplychain.launch.problems import say

LOG_BYTES_MAX = 10_000_000
LOG_FILES_KEPT = 3
LINE_BYTES_MAX = 65_536
WORTH_SAYING = (" WARNING ", " ERROR ", " CRITICAL ", "Traceback (most recent call last)")

logging.raiseExceptions = False  # a full disk must not take the service down with its log


@dataclass(slots=True)
class Output:
    """Lines of one child. aloud: the console gets every line, not only warnings."""

    name: str
    folder: Path
    aloud: bool = False
    _rest: bytes = b""
    _file: RotatingFileHandler | None = field(default=None, repr=False)

    def take(self, chunk: bytes) -> None:
        """Bytes as they came; the last line may be half of one."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").rstrip())
        if len(self._rest) > LINE_BYTES_MAX:
            self.finish()

    def finish(self) -> None:
        """No more will come."""
        if self._rest:
            self._line(self._rest.decode(errors="replace"))
            self._rest = b""
        if self._file is not None:
            self._file.close()  # the next line opens it again

    def last_lines(self, count: int) -> list[str]:
        try:
            text = (self.folder / f"{self.name}.log").read_text(errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip()][-count:]

    def _line(self, line: str) -> None:
        if self._file is None:
            self._file = RotatingFileHandler(
                self.folder / f"{self.name}.log",
                maxBytes=LOG_BYTES_MAX,
                backupCount=LOG_FILES_KEPT,
                delay=True,
            )
        self._file.handle(logging.makeLogRecord({"msg": line}))
        if self.aloud or any(mark in line for mark in WORTH_SAYING):
            say(f"{self.name:<7}| {line}")
