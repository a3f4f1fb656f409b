"""An engineer moves a file from the lot it named to the lot it is of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from intake.tests.handing import loaded
from intake.tests.stdf_builder import sort_file
from lots.tests.making import wafer_lot
from testing.models import Run

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def run(transactional_db: None, reference: None, files_folder: Path) -> Run:
    wafer_lot("W1", step="CP1")
    wafer_lot("W2", step="CP1")
    file = loaded(
        sort_file(lot="W1", flow="CP1", wafers=("1",), part_type="TRN3-DIE"), "stray.stdf"
    )
    assert file.run is not None
    return file.run


def test_a_run_is_matched_anew_after_a_look_at_both_lots(
    run: Run, sign_in: Callable[[User], Page], live_server: LiveServer
) -> None:
    page = sign_in(User.objects.create_superuser("ada"))
    page.goto(f"{live_server.url}/runs/{run.key}")
    page.get_by_role("link", name="Match anew").click()
    page.get_by_role("textbox", name="Lot").fill("W2")
    page.get_by_role("textbox", name="Step").fill("CP1")
    page.get_by_role("textbox", name="Why").fill("operator typed W1")
    page.get_by_role("button", name="See what would change").click()
    effects = page.get_by_role("region", name="What would become of the figures")
    expect(effects.get_by_role("row")).to_have_count(3)
    expect(effects.get_by_role("row").nth(2)).to_contain_text("W2")
    page.get_by_role("button", name="Match anew").click()
    expect(page).to_have_url(f"{live_server.url}/runs/{run.key}-2")
    page.get_by_role("link", name="run taken back").click()
    expect(page.get_by_text("Taken back by ada")).to_be_visible()
    expect(page.get_by_text("operator typed W1")).to_be_visible()
