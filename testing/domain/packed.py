"""Texts of many parts in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import pyarrow as pa  # type: ignore[import-untyped]


class PackedTexts(Sequence[str]):
    """Texts that are added batch by batch and read like a list; a tenth of the memory of one."""

    def __init__(self) -> None:
        self._pieces: list[pa.StringArray] = []
        self._length = 0

    def add(self, texts: Sequence[str]) -> None:
        """Append a batch."""
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        self._pieces.append(pa.array(clean, pa.string()))
        self._length += len(clean)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        for piece in self._pieces:
            yield from piece.to_pylist()

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        found = pa.chunked_array(self._pieces, pa.string())[index]
        taken: str | list[str] = found.to_pylist() if isinstance(index, slice) else found.as_py()
        return taken
