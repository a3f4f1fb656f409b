from __future__ import annotations

from itertools import chain
from typing import Any, ClassVar

from django.http import HttpRequest, StreamingHttpResponse

from intake.models import RawFile
from intake.services import datalog_lines, datalog_page
from operations.views.page import ID_DIGITS_MAX, Page
from operations.views.sheets import sheet_stream
from supplychain.base.errors import MissingError
from testing.models import Run
from testing.selectors import run_named

TEXT_CHARACTERS_MAX = 100


class DatalogPage(Page):
    """Everything the test program wrote for people during a run, to search and turn over."""

    template_name = "operations/run_datalog.html"
    right: ClassVar[str] = "testing.view_run"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = run_named(self.kwargs["name"])
        text = self.request.GET.get("q", "").strip()[:TEXT_CHARACTERS_MAX]
        after = _byte(self.request.GET.get("after", ""))
        parts = {
            "run": run,
            "title": f"Datalog of {run.source_name}",
            "q": text,
            "is_first": after < 0,
            "found": datalog_page(_file(run), text, after),
        }
        return super().get_context_data(**{**parts, **kwargs})


class DatalogCsv(Page):
    """The whole datalog of a run as a file."""

    right: ClassVar[str] = "testing.view_run"

    def get(  # type: ignore[override]  # a file has no template
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> StreamingHttpResponse:
        run = run_named(self.kwargs["name"])
        lines = datalog_lines(_file(run))
        cells = ((line.position, line.record, line.text) for line in lines)
        rows = chain([("byte", "record", "text")], cells)
        return sheet_stream(rows, f"datalog-{run.pk}")


def _file(run: Run) -> RawFile:
    """MissingError for a run that was recorded without a file."""
    file = RawFile.objects.filter(sha256=run.source_sha256).first()
    if file is None:
        raise MissingError(f"Run {run.source_name} was recorded without a file; it has no datalog.")
    return file


def _byte(word: str) -> int:
    """Where to go on; before the first line for anything that is no place in a file."""
    is_place = word.isascii() and word.isdigit() and len(word) <= ID_DIGITS_MAX
    return int(word) if is_place else -1
