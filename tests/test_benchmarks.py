"""What the benchmarks stand on, so that a change of the tables cannot break it unseen."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db.models import NOT_PROVIDED, Field

from benchmarks.lots.fleet_rows import COLUMNS

MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def must_be_given(field: Field[Any, Any]) -> bool:
    is_filled_in = field.null or field.generated or field.db_default is not NOT_PROVIDED
    return not is_filled_in and not field.primary_key


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_the_fleet_fills_every_column_that_must_be_given(table: str) -> None:
    given = {name.strip(' "') for name in COLUMNS[table].split(",")}
    fields = MODELS[table]._meta.concrete_fields
    assert {field.column for field in fields if must_be_given(field)} <= given
    assert given <= {field.column for field in fields}
