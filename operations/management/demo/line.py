"""The simulated line on disk, and what a test engineer knew of it beforehand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from lots.models import Product
from simulator.line import FILES, TRUTH, simulate
from supplychain.base.errors import ConflictError
from testing.services import Signatures, release_program


@dataclass(frozen=True, slots=True)
class Wish:
    """Which line is wanted. end_at counts for a new one only: a line on disk keeps its own."""

    seed: int
    chip_count: int
    end_at: datetime
    folder: Path


def written_line(wish: Wish) -> Mapping[str, Any]:
    """The truth of the line in the folder, simulated now unless it was before.

    A half-written line is written anew. ConflictError when the folder holds another one.
    """
    path = wish.folder / TRUTH
    if not path.exists():
        shutil.rmtree(wish.folder / FILES, ignore_errors=True)
        simulate(seed=wish.seed, chip_count=wish.chip_count, end_at=wish.end_at, out=wish.folder)
    truth: dict[str, Any] = json.loads(path.read_text())
    if (truth["seed"], truth["chip_count"]) != (wish.seed, wish.chip_count):
        raise ConflictError(
            f"{wish.folder} holds a line of seed {truth['seed']} with {truth['chip_count']} chips. "
            f"Load that one (--seed {truth['seed']} --chips {truth['chip_count']}), or start with "
            "another data folder."
        )
    return truth


def release_programs(truth: Mapping[str, Any]) -> int:
    """Release the revisions that the line's engineers had released; how many there are."""
    released = [row for row in truth["revisions"] if row["released_at"]]
    signed = Signatures(
        _signatory("test-engineering"),
        _signatory("product-engineering"),
        "Correlated on gold units.",
    )
    products = Product.objects.in_bulk({row["product"] for row in released}, field_name="code")
    for row in released:
        release_program(
            product=products[row["product"]],
            program=row["code"],
            revision=row["revision"],
            released_at=datetime.fromisoformat(row["released_at"]),
            signed=signed,
        )
    return len(released)


def _signatory(username: str) -> User:
    """A name under a release: inactive, without a password; nobody signs in with it."""
    user, is_new = User.objects.get_or_create(username=username, defaults={"is_active": False})
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
