"""A hold that the review board decides on is not lifted beside it."""

from __future__ import annotations

from lots.models import Hold
from lots.services.holding import register_release_check
from quality.selectors.dispositions import proposed_for
from supplychain.base.errors import RefusedError


def register() -> None:
    """Call it from ready()."""
    register_release_check("dispositions", refuse_beside_the_board)


def refuse_beside_the_board(hold: Hold) -> None:
    """RefusedError while a disposition of its material waits for signatures."""
    if (waiting := proposed_for(hold)) is not None:
        raise RefusedError(
            f"{waiting.number} ({waiting.kind}) on lot {hold.lot.code} waits for signatures, and "
            "lifts this hold once it is carried out. To release it otherwise, have it refused or "
            "withdraw it first.",
            hold=hold.pk,
            disposition=waiting.number,
        )
