from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from lots.models import Bill, BillLine, Product, Route, RouteVersion, Step, Supplier
from lots.services import load_reference
from lots.services.reference import FOLDER
from supplychain.base.errors import ConflictError

pytestmark = pytest.mark.usefixtures("catalogue")


def changed(folder: Path, name: str, change: Callable[[Any], None]) -> Path:
    shutil.copytree(FOLDER, folder / "reference")
    path = folder / "reference" / f"{name}.json"
    rows = json.loads(path.read_text())
    change(rows)
    path.write_text(json.dumps(rows))
    return path.parent


def counts() -> list[int]:
    models: list[Any] = [Supplier, Product, Bill, BillLine, Route, RouteVersion, Step]
    return [model.objects.count() for model in models]


def test_second_loading_changes_nothing() -> None:
    before = counts()
    load_reference()
    assert before == counts() == [6, 19, 10, 16, 8, 8, 59]


def test_routes_hold_their_steps_in_order() -> None:
    steps = Step.objects.filter(route_version__route__code="A").order_by("sequence")
    assert " ".join(step.code for step in steps) == (
        "START FAB WAT RCV BUMP CP1 CP2 DICE COWOS FT-HOT BI FT-COLD SLT SHIP STOCK"
    )
    assert [step.code for step in steps if step.requires_results] == [
        "CP1", "CP2", "FT-HOT", "BI", "FT-COLD", "SLT",
    ]  # fmt: skip


def test_new_version_stands_beside_the_old(tmp_path: Path) -> None:
    folder = changed(tmp_path, "bills", lambda rows: rows.append({**rows[0], "version": 2}))
    load_reference(folder=folder)
    assert Bill.objects.filter(product__code="TRN3").count() == 2


def test_released_bill_does_not_change(tmp_path: Path) -> None:
    folder = changed(tmp_path, "bills", lambda rows: rows[0]["lines"][0].update(quantity=3))
    with pytest.raises(ConflictError, match="Bill of materials TRN3 v1 is released"):
        load_reference(folder=folder)


def test_released_route_does_not_change(tmp_path: Path) -> None:
    folder = changed(tmp_path, "routes", lambda rows: rows[0]["steps"].pop())
    with pytest.raises(ConflictError, match="Route A v1 is released"):
        load_reference(folder=folder)


def test_steps_released_before_their_rules_get_what_their_file_says() -> None:
    sql = FOLDER.parent / "sql"
    with connection.cursor() as cursor:
        cursor.execute((sql / "frozen_routes_v1_undo.sql").read_text())
        Step.objects.update(
            is_outsourced=False, queue_hours_max=None, sampling_every=1, track_depth="lot"
        )
        Step.objects.filter(route_version__route__code="A-RW").delete()
        RouteVersion.objects.filter(route__code="A-RW").delete()
        cursor.execute((sql / "step_rules_v1.sql").read_text())
        cursor.execute((sql / "frozen_routes_v1.sql").read_text())
    load_reference()
    assert Step.objects.get(code="BUMP").queue_hours_max == 72


def test_reference_steps_say_who_does_them_and_how_closely() -> None:
    steps = {step.code: step for step in Step.objects.filter(route_version__route__code="A")}
    assert (steps["BUMP"].is_outsourced, steps["STOCK"].is_outsourced) == (True, False)
    assert (steps["WAT"].sampling_every, steps["CP1"].track_depth) == (5, "wafer")
    rework = RouteVersion.objects.get(route__code="A-RW")
    assert (rework.is_rework, rework.steps.get(code="RETEST").gate_mode) == (True, "stop")


def test_released_route_does_not_become_free(tmp_path: Path) -> None:
    folder = changed(tmp_path, "routes", lambda rows: rows[0].update(is_free=True))
    with pytest.raises(ConflictError, match="Route A v1 is released"):
        load_reference(folder=folder)
