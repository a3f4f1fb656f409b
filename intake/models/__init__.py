from intake.models.expected import ExpectedFile
from intake.models.feeds import FeedRow
from intake.models.files import Arrival, LoadAttempt, RawFile, RejectedRecord
from intake.models.mappings import FeedMapping, MappedColumn, MappedValue
from intake.models.maps import WaferMap
from intake.models.rules import MatchRule

__all__ = [
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
    "WaferMap",
]
