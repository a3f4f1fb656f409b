from intake.models.feeds import FeedRow
from intake.models.files import Arrival, LoadAttempt, RawFile, RejectedRecord
from intake.models.rules import MatchRule

__all__ = ["Arrival", "FeedRow", "LoadAttempt", "MatchRule", "RawFile", "RejectedRecord"]
