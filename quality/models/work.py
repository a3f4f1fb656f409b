"""What quality still owes: how far it has read the ledger, and which lots to look at again."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from lots.models import Lot, Product
from testing.models import ProgramRevision


class LedgerCursor(models.Model):
    """The last ledger seq a reader has taken in."""

    name = models.CharField(max_length=32, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class PendingReview(models.Model):
    """A lot whose facts changed and that the detectors have not seen since.

    asked: another each time that it is asked for. claimed_until: a worker is at it; one that is not
    done by then is taken for lost, and another begins anew.
    """

    lot = models.OneToOneField(Lot, models.CASCADE, related_name="pending_review")
    due_at = models.DateTimeField(db_index=True, help_text="Not before; late data may still come.")
    asked = models.UUIDField(db_default=RandomUUID(), editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["due_at", "id"]

    def __str__(self) -> str:
        return f"{self.lot} from {self.due_at}"


class PendingSeries(models.Model):
    """A product at a step of which all lots first tested from here on are to be reviewed.

    What they are judged by changed. So many at a time go into the queue, and it moves on.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    step_code = models.CharField(max_length=32)
    from_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "step_code"], name="quality_pendingseries_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} at {self.step_code} from {self.from_at}"


class PendingTable(models.Model):
    """A program's revision whose bin table names more bins than the lots it tested were judged by.

    after_lot_id: its lots up to this one are in the queue. A trigger writes it.
    """

    revision = models.OneToOneField(ProgramRevision, models.CASCADE, related_name="+")
    after_lot_id = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.revision} after lot {self.after_lot_id}"
