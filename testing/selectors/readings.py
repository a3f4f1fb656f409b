"""Readings of one parameter, from storage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from testing.models import Parameter, ReadingFile, Run

COLUMNS = ["part_index", "site", "value"]


@dataclass(frozen=True, slots=True)
class ParameterReadings:
    """One parameter of one run in order of parts; every column is (reading,).

    part_index: int32. site: int16. value: float64, base units, NaN = not measured.
    """

    part_index: NDArray[np.int32]
    site: NDArray[np.int16]
    value: NDArray[np.float64]


def readings(run: Run, parameter: Parameter) -> ParameterReadings:
    """Empty columns for a run without readings."""
    file = ReadingFile.objects.filter(run=run).first()
    if file is None:
        return ParameterReadings(
            np.empty(0, np.int32), np.empty(0, np.int16), np.empty(0, np.float64)
        )
    with default_storage.open(file.path) as stream:
        table = pq.read_table(
            stream, columns=COLUMNS, filters=[("parameter_id", "=", parameter.pk)]
        )
    part_index, site, value = (table.column(name).to_numpy() for name in COLUMNS)
    return ParameterReadings(part_index, site, value)
