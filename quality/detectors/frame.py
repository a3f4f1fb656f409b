"""What a detector is, and which there are. Higher rooms register theirs here, downward."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from notices.domain.words import Severity
from quality.domain.discovery import Weighed, findings_of
from quality.domain.findings import Evidence, Finding, Json
from quality.domain.partial import Partial, first_of, resting_on

__all__ = [
    "ChanceDetector",
    "Detector",
    "Evidence",
    "Finding",
    "Json",
    "LotDetector",
    "Partial",
    "Severity",
    "WeighingDetector",
    "detectors",
    "first_of",
    "lot_detectors",
    "register_detector",
    "register_lot_detector",
    "resting_on",
]


class Detector(Protocol):
    """Looks at everything at once. Found earlier and not now means: no longer so.

    Unless the answer is a Partial: then nothing is over that is not in it.
    code: also the code of its rule. is_timed: run by the clock; else whenever lots changed.
    """

    @property
    def code(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def is_timed(self) -> bool: ...

    def find(self, now: datetime) -> list[Finding]:
        """All causes that stand now."""
        ...


class LotDetector(Protocol):
    """Looks at the lots that changed, and answers for those only."""

    @property
    def code(self) -> str: ...

    @property
    def description(self) -> str: ...

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """All causes that stand in these lots. parameters: the rule's thresholds.

        A Partial is asked again for half of the lots.
        """
        ...


@runtime_checkable
class WeighingDetector(LotDetector, Protocol):
    """A lot detector that goes by chance: its flags are set against all tests of their week."""

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """Every lot and step among these that it could judge, with what it found."""
        ...


class ChanceDetector(ABC):
    """A weighing detector in which nothing stands but what it weighs."""

    @abstractmethod
    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """As of every `WeighingDetector`."""

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """All that it flags of these lots."""
        return findings_of(self.weigh(lot_ids, parameters, now))


@dataclass(slots=True)
class Registry:
    """Detectors by code."""

    whole: dict[str, Detector]
    by_lot: dict[str, LotDetector]


_registry = Registry(whole={}, by_lot={})


def register_detector(detector: Detector) -> None:
    """Make a detector known; call it from an app's ready(). Again with the same code replaces."""
    _registry.whole[detector.code] = detector


def register_lot_detector(detector: LotDetector) -> None:
    """Make a detector over changed lots known."""
    _registry.by_lot[detector.code] = detector


def detectors(*, is_timed: bool) -> list[Detector]:
    """Those that look at everything, by the clock or not, in order of their codes."""
    found = [detector for detector in _registry.whole.values() if detector.is_timed == is_timed]
    return sorted(found, key=lambda detector: detector.code)


def lot_detectors() -> list[LotDetector]:
    """Those that look at changed lots, in order of their codes."""
    return sorted(_registry.by_lot.values(), key=lambda detector: detector.code)
