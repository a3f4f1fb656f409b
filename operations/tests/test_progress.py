from __future__ import annotations

from io import StringIO

from operations.management.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def progress_on(output: StringIO, clock: Clock) -> Progress:
    return Progress(output, rows=lambda: 7, clock=clock)


def test_a_terminal_gets_one_line_that_is_written_over() -> None:
    output, clock = Terminal(), Clock()
    progress = progress_on(output, clock)
    progress.begin("Loading", 2)
    clock.now = 61.0
    progress.advance()
    assert output.getvalue().count("\r") == 2
    assert "\n" not in output.getvalue()
    assert output.getvalue().endswith("Loading:  50 % · 1/2 · 7 rows · 1:01")


def test_a_shorter_line_wipes_the_longer_one_before_it() -> None:
    output = Terminal()
    progress = progress_on(output, Clock())
    progress.begin("A long stage", 1)
    first = len(output.getvalue()) - 1
    progress.begin("Short", 1)
    assert len(output.getvalue().rsplit("\r", 1)[-1]) == first


def test_elsewhere_a_plain_line_comes_now_and_then() -> None:
    output, clock = StringIO(), Clock()
    progress = progress_on(output, clock)
    progress.begin("Loading", 100)
    for second in range(12):
        clock.now = float(second)
        progress.advance()
    lines = output.getvalue().splitlines()
    assert lines == [
        "Loading:   0 % · 0/100 · 7 rows · 0:00",
        "Loading:   6 % · 6/100 · 7 rows · 0:05",
        "Loading:  11 % · 11/100 · 7 rows · 0:10",
    ]


def test_the_end_of_a_stage_is_always_shown() -> None:
    output = StringIO()
    progress = progress_on(output, Clock())
    progress.begin("Loading", 2)
    progress.advance(2)
    assert "100 % · 2/2" in output.getvalue()


def test_a_stage_of_nothing_is_done() -> None:
    output = StringIO()
    progress_on(output, Clock()).begin("Loading", 0)
    assert "100 % · 0/0" in output.getvalue()


def test_what_is_said_stands_on_a_line_of_its_own() -> None:
    output = Terminal()
    progress = progress_on(output, Clock())
    progress.begin("Loading", 1)
    progress.say("Done.")
    assert output.getvalue().endswith("0:00\nDone.\n")


def test_without_a_line_before_nothing_is_ended() -> None:
    output = StringIO()
    progress_on(output, Clock()).say("Done.")
    assert output.getvalue() == "Done.\n"
