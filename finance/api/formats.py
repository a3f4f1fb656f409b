"""The formats the ledger leaves in, for negotiation."""

from __future__ import annotations

from finance.domain.words import ExportFormat
from supplychain.base.tables import CSV, PARQUET, CsvRenderer, ParquetRenderer

NDJSON = "application/x-ndjson"


class CsvExcelRenderer(CsvRenderer):
    """CSV for spreadsheets; asked for by its name alone."""

    format = "csv-excel"


class NdjsonRenderer(CsvRenderer):
    """A JSON object a line."""

    media_type = NDJSON
    format = "ndjson"


RENDERERS = [CsvRenderer, CsvExcelRenderer, NdjsonRenderer, ParquetRenderer]
CONTENT_TYPES = {
    ExportFormat.CSV: f"{CSV}; charset=utf-8; header=present",
    ExportFormat.CSV_EXCEL: f"{CSV}; charset=utf-8; header=present",
    ExportFormat.NDJSON: NDJSON,
    ExportFormat.PARQUET: PARQUET,
}
ENDINGS = {
    ExportFormat.CSV: "csv",
    ExportFormat.CSV_EXCEL: "csv",
    ExportFormat.NDJSON: "ndjson",
    ExportFormat.PARQUET: "parquet",
}
