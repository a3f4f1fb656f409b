from intake.selectors.files import (
    FileReport,
    QuarantinedFile,
    file_report,
    files_unmatched_since,
    files_with_quarantined_rows,
    listed_files,
    row_counts,
)

__all__ = [
    "FileReport",
    "QuarantinedFile",
    "file_report",
    "files_unmatched_since",
    "files_with_quarantined_rows",
    "listed_files",
    "row_counts",
]
