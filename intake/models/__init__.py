from intake.models.expected import ExpectedFile
from intake.models.feeds import FeedRow, RowWait, WakeMark
from intake.models.files import ArchiveMember, Arrival, LoadAttempt, RawFile, RejectedRecord
from intake.models.mappings import FeedMapping, MappedColumn, MappedValue
from intake.models.maps import NEWEST_FIRST, WaferMap
from intake.models.rules import MatchRule

__all__ = [
    "NEWEST_FIRST",
    "ArchiveMember",
    "Arrival",
    "ExpectedFile",
    "FeedMapping",
    "FeedRow",
    "LoadAttempt",
    "MappedColumn",
    "MappedValue",
    "MatchRule",
    "RawFile",
    "RejectedRecord",
    "RowWait",
    "WaferMap",
    "WakeMark",
]
