"""A code as a square of dots: Data Matrix ECC 200, as semiconductor labels carry it.

Source: ISO/IEC 16022. ASCII encodation only, square symbols of 10 to 44 modules.
"""

from __future__ import annotations

from dataclasses import dataclass

PAD, UPPER_SHIFT, DIGIT_PAIR = 129, 235, 130
FIELD_POLYNOMIAL = 0x12D
QUIET_MODULES = 2


@dataclass(frozen=True, slots=True)
class Size:
    """modules: along a side. regions: along a side. data, check: codewords."""

    modules: int
    regions: int
    data: int
    check: int

    @property
    def mapped(self) -> int:
        """Modules along a side that carry codewords, without the borders of the regions."""
        return self.modules - 2 * self.regions


SIZES = tuple(
    Size(*row)
    for row in (
        (10, 1, 3, 5), (12, 1, 5, 7), (14, 1, 8, 10), (16, 1, 12, 12), (18, 1, 18, 14),
        (20, 1, 22, 18), (22, 1, 30, 20), (24, 1, 36, 24), (26, 1, 44, 28), (32, 2, 62, 36),
        (36, 2, 86, 42), (40, 2, 114, 48), (44, 2, 144, 56),
    )
)  # fmt: skip

Matrix = tuple[tuple[bool, ...], ...]
Place = tuple[int, int]

UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
"""Row and column of the eight bits of a codeword, highest first, from its lowest bit."""
# The same for the codewords bent around a corner of a square; below zero counts from the end.
CORNERS = (
    ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)),
    ((-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)),
)


def data_matrix(text: str) -> Matrix:
    """Rows of modules, True is dark, without the quiet zone; () for text it cannot say.

    It can say Latin-1, up to 144 codewords: two digits or one ASCII letter each.
    """
    words = _codewords(text)
    size = next((size for size in SIZES if size.data >= len(words)), None)
    if not words or size is None:
        return ()
    padded = _padded(words, size.data)
    return _symbol([*padded, *check_words(padded, size.check)], size)


def _codewords(text: str) -> list[int]:
    words: list[int] = []
    at = 0
    while at < len(text):
        pair, letter = text[at : at + 2], ord(text[at])
        if len(pair) == 2 and pair.isascii() and pair.isdigit():
            words.append(DIGIT_PAIR + int(pair))
            at += 1
        elif letter < 128:
            words.append(letter + 1)
        elif letter < 256:
            words += [UPPER_SHIFT, letter - 127]
        else:
            return []
        at += 1
    return words


def _padded(words: list[int], count: int) -> list[int]:
    padded = list(words)
    if len(padded) < count:
        padded.append(PAD)
    while len(padded) < count:
        scattered = PAD + (149 * (len(padded) + 1)) % 253 + 1
        padded.append(scattered if scattered <= 254 else scattered - 254)
    return padded


def check_words(words: list[int], count: int) -> list[int]:
    """Reed-Solomon check words over GF(256): any count/2 damaged words can be put right."""
    powers, logs = _field()
    generator = [1]
    for root in range(1, count + 1):
        generator = [
            (generator[place] if place < len(generator) else 0)
            ^ (powers[(logs[generator[place - 1]] + root) % 255] if place else 0)
            for place in range(len(generator) + 1)
        ]
    rest = [0] * count
    for word in words:
        lead = word ^ rest[0]
        rest = [*rest[1:], 0]
        if lead:
            for place, factor in enumerate(generator[1:]):
                rest[place] ^= powers[(logs[factor] + logs[lead]) % 255]
    return rest


def _field() -> tuple[list[int], dict[int, int]]:
    """Powers of the primitive element, and their logarithms."""
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value <<= 1
        if value > 255:
            value ^= FIELD_POLYNOMIAL
    return powers, {power: place for place, power in enumerate(powers)}


def _symbol(words: list[int], size: Size) -> Matrix:
    """The mapped modules in their regions, each with a solid edge left and below."""
    side = size.mapped // size.regions
    places = codeword_places(size.mapped)
    dark = {
        place
        for place, (word, bit) in places.items()
        if (words[word] >> (7 - bit) & 1 if word >= 0 else bit)
    }
    rows = []
    for row in range(size.modules):
        line = []
        for column in range(size.modules):
            region_row, y = divmod(row, side + 2)
            region_column, x = divmod(column, side + 2)
            if y in {0, side + 1} or x in {0, side + 1}:
                line.append(_is_dark_edge(x, y, side + 1))
            else:
                line.append((region_row * side + y - 1, region_column * side + x - 1) in dark)
        rows.append(tuple(line))
    return tuple(rows)


def _is_dark_edge(x: int, y: int, last: int) -> bool:
    """Left and below solid; above and right dotted, with a light corner above right."""
    if x == 0 or y == last:
        return True
    return x % 2 == 0 if y == 0 else y % 2 == 1


def codeword_places(side: int) -> dict[Place, tuple[int, int]]:
    """Row and column → codeword and its bit, highest 0; -1 for the fixed modules at the end.

    The walk of ISO/IEC 16022 annex F over a square of this many mapped modules.
    """
    places: dict[Place, tuple[int, int]] = {}
    row, column, word = 4, 0, 0
    while row < side or column < side:
        corner = _corner(row, column, side)
        if corner is not None:
            _put(places, [(y % side, x % side) for y, x in CORNERS[corner]], word)
            word += 1
        for step in (-2, 2):
            while True:
                is_inside = 0 <= row < side and 0 <= column < side
                if is_inside and (row, column) not in places:
                    _put(places, [_wrapped(row + y, column + x, side) for y, x in UTAH], word)
                    word += 1
                row, column = row + step, column - step
                if min(row, column) < 0 or (column if step < 0 else row) >= side:
                    break
            row, column = (row + 1, column + 3) if step < 0 else (row + 3, column + 1)
    if (side - 1, side - 1) not in places:
        places[side - 1, side - 1] = places[side - 2, side - 2] = (-1, 1)
    return places


def _corner(row: int, column: int, side: int) -> int | None:
    if column == 0 and row == side:
        return 0
    if column == 0 and row == side - 2 and side % 4:
        return 1
    return 2 if column == 2 and row == side + 4 and side % 8 == 0 else None


def _wrapped(row: int, column: int, side: int) -> Place:
    """A place over the edge comes back at the other, shifted."""
    shift = 4 - (side + 4) % 8
    if row < 0:
        row, column = row + side, column + shift
    if column < 0:
        row, column = row + shift, column + side
    return row, column


def _put(places: dict[Place, tuple[int, int]], wanted: list[Place], word: int) -> None:
    for bit, place in enumerate(wanted):
        places[place] = (word, bit)


def dot_path(matrix: Matrix) -> str:
    """Dark modules as one path of unit squares, the quiet zone left free."""
    return "".join(
        f"M{column + QUIET_MODULES} {row + QUIET_MODULES}h1v1h-1z"
        for row, line in enumerate(matrix)
        for column, is_dark in enumerate(line)
        if is_dark
    )
