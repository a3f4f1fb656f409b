"""Which sites a head's groups have: the SDRs of a file, each once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from intake.domain.stdf.run import Site


@dataclass(slots=True)
class Sites:
    """In the order in which they came, at most sites_max. left_out: records beyond those."""

    sites_max: int
    left_out: int = 0
    _known: dict[Site, None] = field(default_factory=dict)

    def add(self, site: Site) -> None:
        """One more, unless it is known."""
        if len(self._known) < self.sites_max:
            self._known[site] = None
        elif site not in self._known:
            self.left_out += 1

    def __iter__(self) -> Iterator[Site]:
        return iter(self._known)

    def notes(self) -> Iterator[str]:
        """What a person should know of the bound."""
        if self.left_out:
            yield (
                f"The file describes more than {self.sites_max:,} groups of sites; "
                f"{self.left_out:,} SDR records beyond those were left out."
            )
