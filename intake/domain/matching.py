"""Which step and wafer a test file is about, decided from names alone; never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WAFER_NUMBER = re.compile(r"(?:W|WAFER|#)?[ _-]?0*(\d{1,2})", re.IGNORECASE)
CODE_CHARACTERS_MAX = 64
BY_NAME = (
    "file", "folder", "tester", "program", "part_type", "mode", "retest", "sublot", "temperature",
)  # fmt: skip
"""Clues that have a pattern of the same name."""


@dataclass(frozen=True, slots=True)
class FileClues:
    """What a test file says about its step.

    folder: of the drop folder. mode, retest: MODE_COD and RTST_COD. temperature: TST_TEMP.
    """

    file: str
    tester: str
    program: str
    flow: str
    test_code: str
    part_type: str
    folder: str = ""
    mode: str = ""
    retest: str = ""
    sublot: str = ""
    temperature: str = ""


@dataclass(frozen=True, slots=True)
class StepRule:
    """Patterns to be found in the clues; empty fits everything."""

    name: str
    step_code: str
    file: str = ""
    tester: str = ""
    program: str = ""
    flow: str = ""
    part_type: str = ""
    folder: str = ""
    mode: str = ""
    retest: str = ""
    sublot: str = ""
    temperature: str = ""

    def fits(self, clues: FileClues) -> bool:
        """Whether every pattern is found; the flow pattern in FLOW_ID or TEST_COD."""
        is_flow = _found(self.flow, clues.flow) or _found(self.flow, clues.test_code)
        return is_flow and all(
            _found(getattr(self, name), getattr(clues, name)) for name in BY_NAME
        )


def _found(pattern: str, text: str) -> bool:
    return not pattern or re.search(pattern, text, re.IGNORECASE) is not None


def deciding_rule(
    clues: FileClues, rules: Sequence[StepRule], codes: Sequence[str]
) -> StepRule | None:
    """The first rule that fits and whose step is one of the route's; None for none."""
    known = {code.upper() for code in codes}
    return next((one for one in rules if one.step_code.upper() in known and one.fits(clues)), None)


def step_code(
    clues: FileClues, rules: Sequence[StepRule], codes: Sequence[str], *, is_free: bool
) -> str | None:
    """Code of the step; None when it cannot be told.

    codes: steps of the lot's route. The first rule that fits and names one of them decides, then a
    FLOW_ID or TEST_COD equal to one, then a free route's only step.
    """
    known = {code.upper(): code for code in codes}
    rule = deciding_rule(clues, rules, codes)
    if rule is not None:
        return known[rule.step_code.upper()]
    for word in (clues.flow, clues.test_code):
        if word.upper() in known:
            return known[word.upper()]
    return codes[0] if is_free and len(codes) == 1 else None


def wafer_id(name: str, lot_code: str, wafers: Mapping[str, int]) -> int | None:
    """Our wafer behind a WAFER_ID; None when it cannot be told.

    wafers: code → id, of the lot. The name is the code, or the part of it behind the lot's, or a
    number written as in `<lot>-<nn>`.
    """
    if name in wafers:
        return wafers[name]
    if f"{lot_code}-{name}" in wafers:
        return wafers[f"{lot_code}-{name}"]
    match = WAFER_NUMBER.fullmatch(name)
    return wafers.get(f"{lot_code}-{int(match[1]):02d}") if match else None


def engineering_wafer_code(name: str, place: int, lot_code: str) -> str:
    """The code given to a wafer of an engineering lot. place: among the file's wafers, from 1."""
    if name.startswith(lot_code) and name != lot_code:
        return name[:CODE_CHARACTERS_MAX]
    behind = name or f"W{place}"
    room = CODE_CHARACTERS_MAX - len(behind[:32]) - 1
    return f"{lot_code[:room]}-{behind[:32]}"
