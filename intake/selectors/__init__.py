from intake.selectors.expected import Expectation, expectations, late_files
from intake.selectors.files import (
    FileReport,
    QuarantinedFile,
    archive_members,
    file_report,
    files_unmatched_since,
    files_with_quarantined_rows,
    listed_files,
    row_counts,
)
from intake.selectors.maps import differing_maps, newest_maps
from intake.selectors.rows import row_of_file, rows_by_id, rows_of_file
from intake.selectors.silence import Feed, feeds

__all__ = [
    "Expectation",
    "Feed",
    "FileReport",
    "QuarantinedFile",
    "archive_members",
    "differing_maps",
    "expectations",
    "feeds",
    "file_report",
    "files_unmatched_since",
    "files_with_quarantined_rows",
    "late_files",
    "listed_files",
    "newest_maps",
    "row_counts",
    "row_of_file",
    "rows_by_id",
    "rows_of_file",
]
