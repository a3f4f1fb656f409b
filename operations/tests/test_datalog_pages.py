"""The whole datalog of a run: pages, search and file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from intake.models import RawFile
from intake.services import drain
from intake.tests.handing import hand_in
from intake.tests.stdf_builder import Writer, cn, sort_file
from lots.tests.making import wafer_lot
from testing.models import Run
from tests.kept_rows import ROOMS, load_kept

pytestmark = pytest.mark.usefixtures("db", "files_folder")

AsRole = Callable[[str], Client]
LINES = 450


@pytest.fixture
def run() -> Run:
    load_kept(*ROOMS)
    wafer_lot("W1", step="CP1")
    lines = [*(f"contact {number}" for number in range(LINES)), "=1+1"]
    content = sort_file(lot="W1", flow="CP1", wafers=("1",), part_type="TRN3-DIE", dies=5)
    hand_in(content + b"".join(Writer().record(50, 30, cn(line)) for line in lines))
    drain()
    return Run.objects.get()


def test_lines_are_turned_over_to_the_last(run: Run, as_role: AsRole) -> None:
    client, seen, address = as_role("Quality"), 0, f"/runs/{run.key}/datalog"
    found = client.get(address).context["found"]
    while found.after is not None:
        seen += len(found.lines)
        found = client.get(f"{address}?after={found.after}").context["found"]
    assert seen + len(found.lines) == LINES + 1
    assert b"Search all" in client.get(f"/runs/{run.key}").content
    assert "No more lines" in client.get(f"{address}?after=99999999").content.decode()


def test_text_is_searched_in_any_case(run: Run, as_role: AsRole) -> None:
    client, address = as_role("Quality"), f"/runs/{run.key}/datalog"
    found = client.get(f"{address}?q=CONTACT 44&after=x").context["found"]
    assert [line.text for line in found.lines] == [
        "contact 44", *(f"contact 44{digit}" for digit in range(10)),
    ]  # fmt: skip
    assert "Shorten it" in client.get(f"{address}?q=nowhere").content.decode()


def test_file_holds_all_and_no_formula(run: Run, as_role: AsRole) -> None:
    answer = as_role("Quality").get(f"/runs/{run.key}/datalog.csv")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = body.decode("utf-8-sig").splitlines()
    assert (rows[0], len(rows)) == ("byte,record,text", LINES + 2)
    assert rows[-1].endswith(",DTR,'=1+1")


def test_a_run_without_its_file_says_so(run: Run, as_role: AsRole) -> None:
    RawFile.objects.update(sha256="f" * 64)
    answer = as_role("Quality").get(f"/runs/{run.key}/datalog")
    assert (answer.status_code, b"recorded without a file" in answer.content) == (404, True)
