"""Files, policies and bins that change yields, in any order, from one seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from lots.domain.words import LotPurpose
from lots.models import Lot
from quality.models import DownBin
from quality.services import summarise_owed
from quality.tests.building import NOW
from testing.domain.records import RunRecord
from testing.domain.words import Outcome, RestatementCause, RetestPolicy
from testing.models import LotStep
from testing.services import record_run
from testing.services.restating import restate_lot_step
from testing.tests.builders import Part
from testing.tests.conftest import Line

WAFER_SIDE = 6


class Arrivals:
    """One random thing after another; what was sent is remembered, to be repeated or corrected."""

    def __init__(self, line: Line, seed: int) -> None:
        self.line, self.random = line, Random(seed)  # noqa: S311
        self.sent: list[RunRecord] = []

    def one(self) -> None:
        """The next thing that arrives; figures are sometimes brought up to date behind it."""
        kinds: list[tuple[int, Callable[[], None]]] = [
            (6, self.file), (2, self.repeat), (2, self.correction), (1, self.policy),
            (1, self.bins), (1, self.purpose),
        ]  # fmt: skip
        weights, acts = zip(*kinds, strict=True)
        self.random.choices(acts, weights)[0]()
        if self.random.random() < 0.5:
            summarise_owed(now=NOW)

    def file(self) -> None:
        """A session at any time, so late as often as not, of dies or of chips."""
        session = self.line.sorted if self.random.random() < 0.6 else self.line.tested
        parts = self._dies() if session == self.line.sorted else self._chips()
        record = session(*parts, sha256=self._sha(), hours=self.random.randrange(0, 1000)).record()
        self._send(
            replace(
                record,
                tester=self.random.choice(["T1", "T2"]),
                probe_card=self.random.choice(["", "PC-1", "PC-2"]),
                program_revision=self.random.choice(["1", "2"]),
            )
        )

    def repeat(self) -> None:
        """The same file once more."""
        if self.sent:
            record_run(self.random.choice(self.sent))

    def correction(self) -> None:
        """A second copy of a session: the first was cut, or this one is."""
        if self.sent:
            first = self.random.choice(self.sent)
            self._send(
                replace(
                    first,
                    source_sha256=self._sha(),
                    is_partial=self.random.random() < 0.5,
                    rejected_count=self.random.randrange(3),
                )
            )

    def policy(self) -> None:
        """Another insertion decides."""
        lot_step = LotStep.objects.order_by("pk").first()
        if lot_step is not None:
            restate_lot_step(
                lot_step_id=lot_step.pk,
                cause=RestatementCause.POLICY,
                policy=self.random.choice(list(RetestPolicy)),
                reason="tried",
            )

    def bins(self) -> None:
        """A passing bin is a down-bin, or no longer."""
        product = self.random.choice([self.line.die, self.line.chip])
        step = self.line.sort if product == self.line.die else self.line.final_test
        row, is_new = DownBin.objects.get_or_create(
            product=product, step_code=step.code, hard_bin=self.random.choice([1, 3])
        )
        if not is_new:
            row.delete()

    def purpose(self) -> None:
        """A lot is for engineering, or for production again."""
        lot = Lot.objects.get(pk=self.random.choice([self.line.wafer_lot, self.line.chip_lot]).pk)
        was_engineering = lot.purpose == LotPurpose.ENGINEERING
        lot.purpose = LotPurpose.PRODUCTION if was_engineering else LotPurpose.ENGINEERING
        lot.save(update_fields=["purpose"])

    def _send(self, record: RunRecord) -> None:
        record_run(record)
        self.sent.append(record)

    def _sha(self) -> str:
        return f"{self.random.getrandbits(256):064x}"

    def _dies(self) -> list[Part]:
        wafer = self.random.randrange(2)
        places = [(x, y) for x in range(WAFER_SIDE) for y in range(WAFER_SIDE)]
        chosen = self.random.sample(places, self.random.randint(1, len(places)))
        return [self._part(place=(wafer, x, y)) for x, y in chosen]

    def _chips(self) -> list[Part]:
        return [self._part(part_id=f"C{self.random.randint(1, 9)}") for _ in range(6)]

    def _part(self, part_id: str = "", place: tuple[int, int, int] | None = None) -> Part:
        outcome = self.random.choice([Outcome.PASS, Outcome.PASS, Outcome.FAIL])
        hard_bin = self.random.choice([1, 3]) if outcome is Outcome.PASS else 7
        return Part(
            part_id=part_id, place=place, outcome=outcome, hard_bin=hard_bin,
            site=self.random.randint(1, 2), flag=self.random.choice([0, 0, 1]),
        )  # fmt: skip
