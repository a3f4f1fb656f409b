"""XML as a small tree. A document that declares a type or entities is refused.

expat is used as it is, because a refusal of every DOCTYPE leaves no entity to expand and nothing
outside to fetch: neither a bomb of entities nor a foreign file can be named without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from intake.domain.maps.words import MapError

ELEMENTS_MAX = 1_000_000
DEPTH_MAX = 50
LETTERS_MAX = 50_000_000
"""Of text in a file: the maps of two hundred large wafers."""
CHUNK_BYTES = 1 << 16


@dataclass(slots=True)
class Element:
    """name: without its prefix. line: where it begins."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def each(self, *path: str) -> Iterator[Element]:
        """Descendants along a path of names."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.each(*path[1:])

    def first(self, *path: str) -> Element | None:
        """The first along the path."""
        return next(self.each(*path), None)

    def words(self, name: str) -> str:
        """Text of a child; "" without one."""
        child = self.first(name)
        return child.text.strip() if child else ""

    def get(self, name: str) -> str:
        """An attribute; "" without it."""
        return self.attributes.get(name, "").strip()

    def whole(self, name: str) -> int:
        """An attribute that is a whole number. MapError otherwise."""
        text = self.get(name)
        try:
            return int(text)
        except ValueError as error:
            raise MapError(
                f"{self.name} in line {self.line}: {name} is {text!r}, which is no whole number."
            ) from error


def read_xml(stream: IO[bytes]) -> Element:
    """The root. MapError for what is no XML, declares a DOCTYPE, or is too large or deep."""
    reader = _Reader()
    try:
        while chunk := stream.read(CHUNK_BYTES):
            reader.parser.Parse(chunk, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise MapError(
            f"The file is no XML (line {error.lineno}: {expat.ErrorString(error.code)}); it was "
            "probably cut. Send it again."
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise MapError(f"The file is no XML: {error}.") from error
    return reader.root.children[0]


class _Reader:
    """Handlers of one document."""

    def __init__(self) -> None:
        self.root = Element("", {}, 0)
        self.open = [self.root]
        self.pieces: list[list[str]] = [[]]
        self.count = self.letters = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters

    def doctype(self, *_: object) -> None:
        raise MapError("The file declares a DOCTYPE. Send it without one; entities are not read.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > ELEMENTS_MAX or len(self.open) > DEPTH_MAX:
            raise MapError(
                f"The file has more than {ELEMENTS_MAX:,} elements or {DEPTH_MAX} levels."
            )
        plain = {key.rsplit(":", 1)[-1]: value for key, value in attributes.items()}
        line = self.parser.CurrentLineNumber
        element = Element(name.rsplit(":", 1)[-1], plain, line)
        self.open[-1].children.append(element)
        self.open.append(element)
        self.pieces.append([])

    def end(self, _: str) -> None:
        self.open.pop().text = "".join(self.pieces.pop())

    def characters(self, text: str) -> None:
        self.letters += len(text)
        if self.letters > LETTERS_MAX:
            raise MapError(f"The file has more than {LETTERS_MAX:,} letters of text.")
        self.pieces[-1].append(text)
