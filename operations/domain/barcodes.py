"""A code as bars: Code 128, set B. Source: ISO/IEC 15417."""

from __future__ import annotations

START_B, STOP, MODULO = 104, 106, 103
QUIET_MODULES = 10

# Widths of bar, space, bar … of every symbol, 0 to 106.
_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
)
WIDTHS = tuple(_WIDTHS.split())


def code_128(text: str) -> tuple[int, ...]:
    """Widths in modules of bar, space, bar …; () for text that set B cannot say.

    Set B is ASCII from space to tilde.
    """
    if not text or not all(" " <= letter <= "~" for letter in text):
        return ()
    values = [ord(letter) - 32 for letter in text]
    check = (START_B + sum(place * value for place, value in enumerate(values, 1))) % MODULO
    symbols = [START_B, *values, check, STOP]
    return tuple(int(width) for symbol in symbols for width in WIDTHS[symbol])


def bar_path(widths: tuple[int, ...], height: int) -> str:
    """The bars as one path in a drawing as wide as the code with its quiet zones, in modules."""
    parts, left = [], QUIET_MODULES
    for index, width in enumerate(widths):
        if index % 2 == 0:
            parts.append(f"M{left} 0h{width}v{height}h-{width}z")
        left += width
    return "".join(parts)


def full_width(widths: tuple[int, ...]) -> int:
    """Modules with the quiet zone at either end."""
    return sum(widths) + 2 * QUIET_MODULES
