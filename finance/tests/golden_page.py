"""docs/golden-lot.md as a test reads it: steps, sums and tables, every word of them as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.conf import settings

STEP = re.compile(r"### (\d+)\. (.+)")
SUM = re.compile(r"- (.+): `([^`]+)`")
CODE = re.compile(r"`[^`]*`")
RULER = re.compile(r"\|(?:---:?\|)+")
NOTHING = "Posts nothing."
COSTS, STEPS, ENDS = "What it costs", "The steps", "At the end"

Row = tuple[str, ...]
"""The cells of a line of a table."""


class PageError(ValueError):
    """A part of the page that is not written as the others are."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under a heading. rows: of its table, with the line of names; none without."""

    title: str
    sums: tuple[str, ...]
    rows: tuple[Row, ...]
    prose: str


@dataclass(frozen=True, slots=True)
class Step:
    """What happened on a day, and what it posted. acts: in order, as the page says them."""

    number: int
    title: str
    day: date
    acts: tuple[str, ...]
    body: Section


@dataclass(frozen=True, slots=True)
class Page:
    """texts: heading → what the section or step was read from."""

    costs: dict[str, Section]
    steps: tuple[Step, ...]
    ends: dict[str, Section]
    texts: dict[str, str]

    @property
    def sections(self) -> list[Section]:
        """All of them, in order; of a step what stands below its acts."""
        bodies = (step.body for step in self.steps)
        return [*self.costs.values(), *bodies, *self.ends.values()]


def page_text() -> str:
    return (settings.BASE_DIR / "docs" / "golden-lot.md").read_text()


def read_page(text: str) -> Page:
    """PageError or ValueError for a step or table that is not written as the others are."""
    parts = {
        part.split("\n", 1)[0]: part for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    }
    under = {name: _headed(parts[name]) for name in (COSTS, STEPS, ENDS)}
    return Page(
        {one.title: one for one in map(read_section, under[COSTS])},
        tuple(map(read_step, under[STEPS])),
        {one.title: one for one in map(read_section, under[ENDS])},
        {own.split("\n", 1)[0]: own for texts in under.values() for own in texts},
    )


def _headed(part: str) -> list[str]:
    return [own.rstrip("\n") for own in re.split(r"^(?=### )", part, flags=re.MULTILINE)[1:]]


def read_step(text: str) -> Step:
    heading, when, *rest = [line for line in text.splitlines() if line]
    found = STEP.fullmatch(heading)
    day, *acts = when.split(" · ")
    if not found or not acts or not all(CODE.fullmatch(act) for act in acts):
        raise PageError(f"{heading}: a step has a number, a day and acts")
    body = read_section("\n".join(["### " + found[2], *rest]))
    if bool(body.rows) == (NOTHING in body.prose):
        raise PageError(f"{heading}: a step has lines, or posts nothing")
    return Step(
        int(found[1]),
        found[2],
        date.fromisoformat(day),
        tuple(act.strip("`") for act in acts),
        body,
    )


def read_section(text: str) -> Section:
    heading, *lines = [line for line in text.splitlines() if line]
    sums, rows, prose = [], [], []
    for line in lines:
        if found := SUM.fullmatch(line):
            sums.append(found[2])
        elif line.startswith("|"):
            rows.append(line)
        else:
            prose.append(line)
    title = heading.removeprefix("### ")
    return Section(title, tuple(sums), _table(title, rows), "\n".join(prose))


def _table(title: str, lines: list[str]) -> tuple[Row, ...]:
    if not lines:
        return ()
    head, ruler, *rest = lines
    rows = tuple(
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in [head, *rest]
    )
    if not RULER.fullmatch(ruler) or len({len(row) for row in rows}) != 1 or not rest:
        raise PageError(f"{title}: one table, with as many cells in each line")
    return rows


def bare_digits(section: Section) -> list[str]:
    """Numbers that stand in running text, where nothing would compare them."""
    return re.findall(r"\S*\d\S*", CODE.sub("", section.prose))
