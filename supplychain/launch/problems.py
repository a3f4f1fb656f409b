"""What the operator is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class LaunchProblem(Exception):  # noqa: N818
    """Something the operator can mend. The text is one paragraph and is all they see."""


def say(text: str) -> None:
    """One line for the operator, at once."""
    print(text, flush=True)


@contextmanager
def words_to_stderr() -> Iterator[None]:
    """Send what we and our programs say to stderr: stdout belongs to the operator's command."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
