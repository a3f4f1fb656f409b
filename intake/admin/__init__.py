from intake.admin.files import FeedRowAdmin, RawFileAdmin
from intake.admin.rules import ExpectedFileAdmin, FeedMappingAdmin, MatchRuleAdmin, WaferMapAdmin

__all__ = [
    "ExpectedFileAdmin",
    "FeedMappingAdmin",
    "FeedRowAdmin",
    "MatchRuleAdmin",
    "RawFileAdmin",
    "WaferMapAdmin",
]
