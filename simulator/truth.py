"""What was put into the line on purpose, for whoever looks for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Effect:
    """An issue that a cause may also bring about; lot "" = any lot."""

    detector: str
    lot: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that goes wrong. also: honest side effects, which no one should count as false."""

    id: str
    detector: str
    lot: str
    step: str
    injected_at: str
    where: str
    also: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """A program revision on the floor. released_at: for production, "" = never."""

    product: str
    step: str
    code: str
    revision: str
    released_at: str


@dataclass(slots=True)
class Truth:
    """Collected while the line runs; written as truth.json."""

    seed: int
    chip_count: int
    end_at: str
    causes: list[Cause] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    lots: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)

    def content(self) -> dict[str, object]:
        """As JSON-ready values."""
        return {"format": "truth-1", **asdict(self)}
