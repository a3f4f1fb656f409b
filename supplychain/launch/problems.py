from __future__ import annotations


class LaunchProblem(Exception):  # noqa: N818
    """Something the operator can mend. The text is one paragraph and is all they see."""


def say(text: str) -> None:
    """One line for the operator, at once."""
    print(text, flush=True)
