"""DTR and GDR: what the test program wrote for people and other programs, kept as it came."""

from __future__ import annotations

from dataclasses import dataclass, field

Line = tuple[int, int, bytes]
"""Kind, position in the file and fields of one record."""


@dataclass(slots=True)
class Datalog:
    """Lines in file order, the first bytes_max of them. left_out: how many came after those."""

    bytes_max: int
    lines: list[Line] = field(default_factory=list)
    left_out: int = 0
    _bytes: int = 0

    def add(self, lines: list[Line]) -> None:
        """Keep these as far as there is room."""
        for line in lines:
            self._bytes += len(line[2])
            if self._bytes <= self.bytes_max:
                self.lines.append(line)
            else:
                self.left_out += 1
