"""Asking for an export of the ledger."""

from __future__ import annotations

from collections.abc import Generator

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.queries import LedgerQuery
from finance.domain.ranges import Part
from finance.domain.words import ExportFormat
from finance.models import ExportFile, ExportJob
from finance.selectors.ledger import watermark
from finance.selectors.ledger_files import SCHEMA_VERSION
from lots.domain.chain import body_sha256
from supplychain.base.errors import ConflictError
from supplychain.base.storing import CHUNK_BYTES, stored


@transaction.atomic
def ask_export(*, query: LedgerQuery, kind: ExportFormat, key: str, actor: User) -> ExportJob:
    """A new export, to be written by a worker; the first one again for the same key and question.

    Without an as-of seq it is the ledger's end now. ConflictError for a key that asked for
    something else; MissingError for an as-of seq beyond the end. query.limit is not looked at.
    """
    asked = body_sha256(
        {
            "format": kind,
            "after_seq": query.after_seq,
            "as_of_seq": query.as_of_seq,
            "period": query.period,
            "account": query.account,
        }
    )
    job, _ = ExportJob.objects.get_or_create(
        op_key=f"api:{actor.pk}:{key}",
        defaults={
            "asked_sha256": asked,
            "format": kind,
            "after_seq": query.after_seq,
            "as_of_seq": watermark(query.as_of_seq).seq,
            "period": query.period,
            "account": query.account,
            "schema_version": SCHEMA_VERSION,
            "requested_by": actor,
        },
    )
    if job.asked_sha256 != asked:
        raise ConflictError("This key asked for another export. Take a new key.", key=key)
    return job


def exported_bytes(file: ExportFile, part: Part) -> Generator[tuple[bytes, int]]:
    """The bytes of a part of the file, in chunks, each with its share of the rows.

    A row counts where its share of the bytes ends, so that parts that meet add up to the whole.
    """
    with stored(file.storage_path) as stream:
        stream.seek(part.start)
        place = part.start
        while chunk := stream.read(min(part.end - place, CHUNK_BYTES)):
            start, place = place, place + len(chunk)
            yield chunk, _rows_until(file, place) - _rows_until(file, start)


def _rows_until(file: ExportFile, place: int) -> int:
    return file.row_count * place // file.byte_count
