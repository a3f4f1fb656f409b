"""Feeds that have gone silent, without anybody having agreed when they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from intake.domain.silence import METHOD
from intake.selectors import Feed, feeds
from quality.detectors.frame import Evidence, Finding, Severity, resting_on
from quality.detectors.thresholds import thresholds
from quality.selectors.issues import rule_parameters


@dataclass(frozen=True, slots=True)
class Thresholds:
    """factor: times the longest gap of the last 60 days. days_min: with files, to know a rhythm."""

    factor: float = 2.0
    days_min: int = 10


class FeedSilent:
    """One cause a sender and kind of file; it clears when a file comes."""

    code = "feed-silent"
    description = "A partner's feed has been silent far longer than it ever was."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        limits = thresholds(Thresholds, rule_parameters(self.code))
        read = feeds(now)
        silent = [one for one in read if one.rhythm.is_silent(now, limits.factor, limits.days_min)]
        return resting_on((_finding(feed, now, limits.factor) for feed in silent), read)


def _finding(feed: Feed, now: datetime, factor: float) -> Finding:
    days = (now - feed.rhythm.last_at) / timedelta(days=1)
    longest = feed.rhythm.gap_longest / timedelta(days=1)
    return Finding(
        cause_key=f"{FeedSilent.code}:{feed.kind}:{feed.sender}",
        title=f"No {feed.kind} from {feed.sender or 'anybody'} for {days:.1f} days",
        severity=Severity.MAJOR,
        revision=f"since {feed.rhythm.last_at.isoformat()}",
        evidence=Evidence(
            statistic="days of silence",
            value=days,
            limit=factor * max(longest, 1.0),
            n=feed.rhythm.day_count,
            method=METHOD,
            facts={
                "kind": feed.kind,
                "sender": feed.sender,
                "last_arrived_at": feed.rhythm.last_at.isoformat(),
                "longest_gap_days": longest,
            },
        ),
    )
