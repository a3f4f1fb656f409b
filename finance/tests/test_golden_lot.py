"""docs/golden-lot.md, costed by hand from wafer to rack, against the ledger, digit by digit."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from finance.tests.golden_page import (
    SUM,
    Page,
    bare_digits,
    page_text,
    read_page,
    read_section,
    read_step,
)
from finance.tests.golden_story import Story, carried_out, section_faults, step_faults
from finance.tests.golden_sums import MINUS, NEARLY, OVER, TIMES, SumError, is_true

pytestmark = pytest.mark.django_db

SIGNS = str.maketrans({"*": TIMES, "/": OVER, "-": MINUS, "~": NEARLY})

DIGITS_MIN = 5_000
VERBS = {
    "receive", "move", "ship", "arrive", "dice", "assemble", "split", "merge", "rework", "scrap",
    "bin", "track", "test", "place", "swap",
}  # fmt: skip
KINDS = {
    "receipt", "transfer", "purchase", "absorption", "consumption", "production", "normal-loss",
    "yield-variance", "map-count-variance", "standard-change", "scrap", "count-difference",
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Page:
    return read_page(page_text())


@pytest.fixture(scope="module")
def story(page: Page, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Story:
    """The page carried out once for all tests; the database is left as it was."""
    with django_db_blocker.unblock(), transaction.atomic():
        story = carried_out(page)
        connection.check_constraints()
        transaction.set_rollback(True)
    return story


def faults_of(text: str, heading: str, story: Story) -> list[str]:
    """Of one step or section, as the text has it. ValueError for what cannot be read."""
    if found := re.match(r"### (\d+)\. ", heading):
        return step_faults(read_step(text), story.steps[int(found[1]) - 1])
    section = read_section(text)
    return section_faults(section, (story.costs | story.ends).get(section.title))


def compared_digits(text: str) -> Iterator[int]:
    """Places of the digits in the heading, day, acts, sums and table of a step or section."""
    start = 0
    for line in text.splitlines(keepends=True):
        spans = [(0, len(line))]
        if found := SUM.fullmatch(line.rstrip("\n")):
            spans = [found.span(2)]
        elif not line.startswith(("|", "###")) and " · `" not in line:
            spans = []
        for first, end in spans:
            yield from (start + at for at in range(first, end) if line[at].isdigit())
        start += len(line)


def with_another_digit(text: str, place: int) -> str:
    return f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"


def is_found_out(text: str, heading: str, story: Story) -> bool:
    try:
        return bool(faults_of(text, heading, story))
    except ValueError:
        return True


def test_every_step_posts_the_lines_of_the_page(page: Page, story: Story) -> None:
    assert len(page.steps) == len(story.steps)
    faults = [step_faults(*pair) for pair in zip(page.steps, story.steps, strict=True)]
    assert [fault for found in faults for fault in found] == []


def test_costs_and_closing_tables_are_those_of_the_books(page: Page, story: Story) -> None:
    assert page.ends.keys() == story.ends.keys()
    known = story.costs | story.ends
    for title, section in (page.costs | page.ends).items():
        assert section_faults(section, known[title]) == []


def test_the_page_shows_every_line_once_and_no_other(page: Page, story: Story) -> None:
    shown = sum(len(step.body.rows) - 1 for step in page.steps if step.body.rows)
    assert shown == story.entries
    assert sum(len(one.rows) + 1 for one in page.sections if one.rows) == len(
        re.findall(r"^\|", page_text(), flags=re.MULTILINE)
    )
    assert sum(len(one.sums) for one in page.sections) == len(SUM.findall(page_text()))


def test_the_lot_meets_every_verb_and_kind_of_entry(page: Page) -> None:
    assert {act.split()[0] for step in page.steps for act in step.acts} == VERBS
    assert {row[0] for step in page.steps for row in step.body.rows[1:]} == KINDS


def test_running_text_holds_no_number_that_nothing_compares(page: Page) -> None:
    assert [found for section in page.sections for found in bare_digits(section)] == []


def test_any_wrong_digit_is_found_out(page: Page, story: Story) -> None:
    digits = [
        (heading, text, place)
        for heading, text in page.texts.items()
        for place in compared_digits(text)
    ]
    missed = [
        f"{heading}: {text[max(0, place - 30) : place + 30]}"
        for heading, text, place in digits
        if not is_found_out(with_another_digit(text, place), heading, story)
    ]
    assert len(digits) > DIGITS_MIN
    assert missed == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("| scrap |", "| receipt |"), ("abnormal-scrap", "normal-scrap"), ("\u22121 ", "1 ")],
)
def test_a_wrong_word_or_sign_is_found_out(page: Page, story: Story, old: str, new: str) -> None:
    heading, text = next((name, own) for name, own in page.texts.items() if "A wafer" in name)
    assert not faults_of(text, heading, story)
    assert old in text
    assert is_found_out(text.replace(old, new, 1), heading, story)


def test_a_line_left_out_or_added_is_found_out(page: Page, story: Story) -> None:
    heading, text = next((name, own) for name, own in page.texts.items() if "A wafer" in name)
    lines = text.splitlines()
    for other in (lines[:-1], [*lines, lines[-1]]):
        assert is_found_out("\n".join(other), heading, story)


def test_the_table_of_postings_names_all_of_its_lines(story: Story) -> None:
    assert story.entries
    assert not story.unnamed


@pytest.mark.parametrize(
    "text",
    [
        "128 * 17,400.00 = 2,227,200.00",
        "2 + 3 * 4 - 6 / 2 = 11 = -1 + 12",
        "1 / 3 ~ 0.333333",
        "1 * 0.000001 / 2 ~ 0",
        "3 * 0.000001 / 2 ~ 0.000002",
    ],
)
def test_a_true_sum_is_true(text: str) -> None:
    assert is_true(text.translate(SIGNS))


@pytest.mark.parametrize(
    "text", ["128 * 17,400.00 = 2,227,200.01", "1 / 3 = 0.333333", "1 / 3 ~ 0.333334"]
)
def test_a_wrong_sum_is_not(text: str) -> None:
    assert not is_true(text.translate(SIGNS))


@pytest.mark.parametrize(
    "text", ["1 + 1", "1 + = 1", "1,00 = 100", "1 / 0 = 0", "x = 1", "1 ^ 1 = 1"]
)
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(SumError):
        is_true(text.translate(SIGNS))
