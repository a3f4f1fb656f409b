"""Progress that can be watched: one line rewritten on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

TERMINAL_SECONDS = 0.2
PLAIN_SECONDS = 5.0


class Output(Protocol):
    """What Django's OutputWrapper and a plain stream have in common."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...

    def isatty(self) -> bool: ...


@dataclass(slots=True)
class Progress:
    """Where a long command stands. rows: asked only when a line is due, as it may cost a query."""

    output: Output
    rows: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    stage: str = ""
    done: int = 0
    total: int = 0
    _begun_at: float = field(init=False)
    _shown_at: float = field(init=False)
    _width: int = 0

    def __post_init__(self) -> None:
        self._begun_at = self.clock()
        self._shown_at = self._begun_at - PLAIN_SECONDS

    def begin(self, stage: str, total: int) -> None:
        """Enter a stage of so many items; shown at once."""
        self.stage, self.done, self.total = stage, 0, total
        self._show()

    def advance(self, count: int = 1) -> None:
        """So many items more."""
        self.reach(self.done + count)

    def reach(self, done: int) -> None:
        """So many items in all; shown when it is time, and at the end of the stage."""
        self.done = min(done, self.total)
        every = TERMINAL_SECONDS if self.output.isatty() else PLAIN_SECONDS
        if self.done >= self.total or self.clock() - self._shown_at >= every:
            self._show()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._end_line()
        self.output.write(f"{text}\n")
        self.output.flush()

    @property
    def elapsed(self) -> str:
        """Minutes and seconds since the start."""
        minutes, seconds = divmod(int(self.clock() - self._begun_at), 60)
        return f"{minutes}:{seconds:02d}"

    def _show(self) -> None:
        self._shown_at = self.clock()
        share = 100 * self.done // self.total if self.total else 100
        text = (
            f"{self.stage}: {share:3d} % · {self.done}/{self.total} · "
            f"{self.rows()} rows · {self.elapsed}"
        )
        if self.output.isatty():
            self.output.write(f"\r{text.ljust(self._width)}")
            self._width = len(text)
        else:
            self.output.write(f"{text}\n")
        self.output.flush()

    def _end_line(self) -> None:
        if self._width:
            self.output.write("\n")
            self._width = 0
