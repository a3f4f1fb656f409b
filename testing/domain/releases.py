"""Whether a program revision might decide about production at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from testing.domain.words import ReleaseState


@dataclass(frozen=True, slots=True)
class Release:
    """What is known of a revision's release; None for what did not happen, or was not kept."""

    state: ReleaseState
    released_at: datetime | None
    retired_at: datetime | None


def was_released(release: Release, at: datetime) -> bool:
    """Released by then and not yet retired.

    A release dated later does not reach back, and a retired revision whose release or retirement
    has no date is given the benefit of the doubt.
    """
    if release.state is ReleaseState.UNRELEASED:
        return False
    if release.released_at is not None and at < release.released_at:
        return False
    return release.retired_at is None or at < release.retired_at
