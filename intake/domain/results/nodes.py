"""JSON values that know where they stand, so that a refusal can say where."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from intake.domain.errors import BoundError, FileRefusedError
from intake.domain.tables import instant_of
from supplychain.base.errors import MalformedError
from testing.domain.words import Outcome

LIST_MAX = 200_000
DEPTH_MAX = 40
SHOWN_CHARACTERS = 60
WHOLE_MAX = 2**31 - 1
MILLISECONDS_MAX = 7_000_000_000_000


def plain(text: str) -> str:
    """Without outer blanks, null characters and halves of characters, which no column can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document. path: as `units[3].tests[1].value`, counted from 1; "" at its top."""

    value: object
    path: str = ""

    def at(self, name: str) -> Node:
        """A member; of null when it is not there. MalformedError when this is no object."""
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        return Node(self.value.get(name), f"{self.path}.{name}" if self.path else name)

    def first(self, *names: str) -> Node:
        """The first of these members that says something, else the first."""
        found = [self.at(name) for name in names]
        return next((node for node in found if not node.is_null), found[0])

    def members(self) -> Iterator[tuple[str, Node]]:
        """Names and values of an object; nothing of null."""
        if self.is_null:
            return
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        for name in self.value:
            yield str(name), self.at(str(name))

    def items(self) -> list[Node]:
        """Elements of a list; none of null."""
        if self.is_null:
            return []
        if not isinstance(self.value, list) or len(self.value) > LIST_MAX:
            raise self.refusal(f"a list of at most {LIST_MAX:,}")
        return [Node(one, f"{self.path}[{n}]") for n, one in enumerate(self.value, start=1)]

    @property
    def is_null(self) -> bool:
        """Whether it is null or not there."""
        return self.value is None

    def text(self) -> str:
        """A text; a number as written; "" for null."""
        if self.is_null:
            return ""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            raise self.refusal("a text")
        return plain(str(self.value))

    def required_text(self) -> str:
        """A text that is not empty."""
        if not (text := self.text()):
            raise self.refusal("a text that is not empty")
        return text

    def number(self) -> float | None:
        """A finite number; None for null and for what is no number by IEEE."""
        if self.is_null:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.refusal("a number")
        try:
            value = float(self.value)
        except OverflowError as error:
            raise self.refusal("a number") from error
        return value if math.isfinite(value) else None

    def whole(self, most: int = WHOLE_MAX) -> int | None:
        """A whole number from 0; None for null."""
        if self.is_null:
            return None
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise self.refusal(f"a whole number from 0 to {most}")
        return value

    def truth(self) -> bool:
        """True or false; false for null."""
        if self.is_null:
            return False
        if not isinstance(self.value, bool):
            raise self.refusal("true or false")
        return self.value

    def instant(self) -> datetime | None:
        """ISO 8601 with an offset; None for null."""
        return None if self.is_null else instant_of(self.text(), self.path)

    def milliseconds(self) -> datetime | None:
        """An instant as milliseconds since 1970, UTC; None for null."""
        since = self.number()
        if since is None:
            return None
        if not 0 < since < MILLISECONDS_MAX:
            raise self.refusal("milliseconds since 1970")
        return datetime.fromtimestamp(since / 1000, UTC)

    def outcome(self) -> Outcome:
        """One of our six words, in either case; unset for null."""
        if self.is_null:
            return Outcome.UNSET
        try:
            return Outcome(self.text().lower())
        except ValueError as error:
            raise self.refusal(", ".join(one.name for one in Outcome)) from error

    def refusal(self, wanted: str) -> MalformedError:
        """Why this value cannot be taken."""
        shown = json.dumps(self.value, default=str)[:SHOWN_CHARACTERS]
        place = self.path or "The document"
        return MalformedError(f"{place} is {shown}; it must be {wanted}.", field=self.path)


def read_json(content: bytes) -> Node:
    """The document. FileRefusedError with line and column where it is no JSON."""
    try:
        document = json.loads(content, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise FileRefusedError(
            f"The file is no JSON: line {error.lineno}, column {error.colno}: {error.msg}. It was "
            "probably cut; send it again.",
            line=error.lineno,
            column=error.colno,
        ) from error
    except UnicodeDecodeError as error:
        raise FileRefusedError(
            f"The file is no UTF-8 text: byte {error.start + 1}. Send it as UTF-8."
        ) from error
    except (RecursionError, ValueError) as error:
        raise BoundError("The document is nested too deeply, or a number is too long.") from error
    return Node(document)
