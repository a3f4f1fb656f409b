"""Rows made once for each key of a caller: whoever asks again gets the row of the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

from supplychain.base.errors import ReusedKeyError


class KeyedModel(models.Model):
    """op_key: the caller's own, empty where none was given. asked_sha256: of what was asked."""

    op_key = models.CharField(max_length=200, blank=True, editable=False)
    asked_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["op_key"],
                name="%(app_label)s_%(class)s_once",
                condition=~models.Q(op_key=""),
            ),
        ]


Row = TypeVar("Row", bound=KeyedModel)


def made_once(rows: QuerySet[Row], op_key: str, asked_sha256: str, make: Callable[[], Row]) -> Row:
    """The row made under the key before, or a new one; make is given no key and refuses by itself.

    ConflictError when the key was used for something else. Of two simultaneous callers both get
    the row of the first.
    """
    try:
        with transaction.atomic():
            return first_made(rows, op_key, asked_sha256) or _made(op_key, asked_sha256, make)
    except IntegrityError:
        earlier = first_made(rows, op_key, asked_sha256)
        if earlier is None:
            raise
        return earlier


def first_made(rows: QuerySet[Row], op_key: str, asked_sha256: str) -> Row | None:
    """What was made under the key. ConflictError when something else was asked with it."""
    earlier = rows.filter(op_key=op_key).first()
    if earlier is not None and earlier.asked_sha256 != asked_sha256:
        raise ReusedKeyError(
            f"Operation {op_key} was used before with other content. Use a new key.",
            op_key=op_key,
        )
    return earlier


def _made(op_key: str, asked_sha256: str, make: Callable[[], Row]) -> Row:
    row = make()
    row.op_key, row.asked_sha256 = op_key, asked_sha256
    row.save(update_fields=["op_key", "asked_sha256"])
    return row
