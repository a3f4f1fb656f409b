"""What programs of finance hear by webhook: that something can be fetched, never an amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from finance.models import ExportJob, LedgerHead, PeriodClose
from finance.services.frame import HEAD
from notices.domain.announcements import Announcement
from notices.domain.words import NoticeKind, Severity
from notices.selectors import last_told
from notices.services import announce

LEDGER = "finance ledger"
READ_LEDGER = "finance.view_ledgerentry"


@transaction.atomic
def tell_advance(*, now: datetime) -> bool:
    """Say up to which seq the ledger stands, if it moved since that was said last.

    Many batches are one telling. Whoever dies before it leaves it to the next round.
    """
    seq = LedgerHead.objects.filter(name=HEAD).values_list("seq", flat=True).first() or 0
    last = last_told(LEDGER)
    if seq <= (last.facts["seq"] if last else 0):
        return False
    news = _News(NoticeKind.LEDGER_ADVANCED, f"{LEDGER}:{seq}", LEDGER, "/finance")
    _tell(news, f"The finance ledger stands at {seq:,}", now, {"seq": seq})
    return True


def tell_close(close: PeriodClose) -> None:
    """Say that a version of a closed period is in force."""
    assert close.approved_at is not None, "a version in force was approved"
    code, version = close.period_id, close.version
    news = _News(
        NoticeKind.PERIOD_CLOSED,
        f"period:{code}:{version}",
        f"period:{code}",
        f"/finance/periods/{code}/versions/{version}",
    )
    facts = {"period": code, "version": version, "seq": close.seq, "sha256": close.sha256}
    _tell(news, f"Period {code} is closed, version {version}", close.approved_at, facts)


def tell_export(job: ExportJob) -> None:
    """Say that the files of an export can be fetched."""
    assert job.finished_at is not None, "what is ready was finished"
    key = f"export:{job.pk}"
    news = _News(NoticeKind.EXPORT_READY, key, key, f"/finance/exports/{job.pk}")
    facts = {
        "export": str(job.pk),
        "format": job.format,
        "after_seq": job.after_seq,
        "as_of_seq": job.as_of_seq,
        "rows": job.row_count,
        "api": f"/api/v1/finance/exports/{job.pk}",
    }
    _tell(news, f"Export {job.pk} of the finance ledger is ready", job.finished_at, facts)


@dataclass(frozen=True, slots=True)
class _News:
    kind: NoticeKind
    key: str
    cause: str
    address: str


def _tell(news: _News, subject: str, at: datetime, facts: Mapping[str, object]) -> None:
    said = Announcement(
        kind=news.kind,
        key=news.key,
        cause=news.cause,
        severity=Severity.INFORMATION,
        subject=subject,
        address=news.address,
        right=READ_LEDGER,
        occurred_at=at,
        facts=facts,
    )
    announce([said])
