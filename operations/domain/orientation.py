"""How a wafer lies on a map: its notch or flat, and where its axes grow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NOTCHES = {"D": "down", "U": "up", "L": "left", "R": "right"}
X_WORDS = {"R": "to the right", "L": "to the left"}
Y_WORDS = {"D": "downwards", "U": "upwards"}


@dataclass(frozen=True, slots=True)
class Orientation:
    """Letters as a tester's file writes them; empty where it does not say, or files differ.

    flat: D, U, L or R. x: R or L; y: D or U, where values grow. die_width_mm, die_height_mm: None
    where not given. Source: STDF V4, WCR.
    """

    flat: str = ""
    x: str = ""
    y: str = ""
    die_width_mm: float | None = None
    die_height_mm: float | None = None

    @property
    def x_sign(self) -> int:
        """-1 for a map whose X grows to the left; to the right where it is not known."""
        return -1 if self.x == "L" else 1

    @property
    def y_sign(self) -> int:
        """-1 for a map whose Y grows upwards; downwards where it is not known."""
        return -1 if self.y == "U" else 1

    @property
    def words(self) -> str:
        """What is known and what is not, as a sentence."""
        notch = f"Notch or flat {NOTCHES[self.flat]}" if self.flat else "Notch not recorded"
        return f"{notch}; {_axis('X', X_WORDS, self.x)}, {_axis('Y', Y_WORDS, self.y)}."

    @property
    def die_words(self) -> str:
        """Width by height of a die in millimetres; empty where not given."""
        if self.die_width_mm is None or self.die_height_mm is None:
            return ""
        return f"{self.die_width_mm:g} \u00d7 {self.die_height_mm:g} mm"


def _axis(name: str, words: dict[str, str], letter: str) -> str:
    if letter:
        return f"{name} grows {words[letter]}"
    return f"{name} drawn {next(iter(words.values()))}, its direction is not recorded"


def agreed(found: Iterable[Orientation]) -> Orientation:
    """What those that say it say alike; letters that mean nothing are left out."""
    listed = list(found)
    flats = {one.flat for one in listed} & set(NOTCHES)
    sizes = {(one.die_width_mm, one.die_height_mm) for one in listed} - {(None, None)}
    width, height = sizes.pop() if len(sizes) == 1 else (None, None)
    return Orientation(
        flat=_only(flats),
        x=_only({one.x for one in listed} & set(X_WORDS)),
        y=_only({one.y for one in listed} & set(Y_WORDS)),
        die_width_mm=width,
        die_height_mm=height,
    )


def _only(letters: set[str]) -> str:
    return letters.pop() if len(letters) == 1 else ""
