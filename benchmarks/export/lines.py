"""A ledger of any length, written by the database itself."""

from __future__ import annotations

from django.db import connection

FILL = """
INSERT INTO finance_ledgerentry (
    seq, transaction, line, op_key, source_seq, kind, account, stage, item, lot, serial, quantity,
    unit_of_measure, amount, currency, cost_version, owner, custodian, effective_on, period,
    is_prior_period, actor, approver, reverses, reason, recorded_at, sha256
)
SELECT
    n, (n + 1) / 2, 2 - n %% 2, 'filled:' || (n + 1) / 2 || ':' || 2 - n %% 2, (n + 1) / 2,
    (ARRAY['transfer', 'receipt', 'scrap'])[1 + n / 2 %% 3],
    (ARRAY['inventory', 'in-transit'])[1 + n %% 2], 'bumped-wafer', 'TRN3-DIE',
    'N3W' || lpad((n / 40)::text, 6, '0'), '', (1 - 2 * (n %% 2)) * (1 + n / 2 %% 25), 'wafer',
    (1 - 2 * (n %% 2)) * (19500.123456 + n / 2), 'USD', 'STD-2024', 'US', 'TSMC',
    DATE '2026-01-01' + (n / 4000)::integer, '2026-' || lpad((1 + n / 100000 %% 12)::text, 2, '0'),
    FALSE, 'feed', '', NULL, CASE n / 2 %% 20 WHEN 0 THEN 'edge ring, "zone 3"' ELSE '' END,
    TIMESTAMPTZ '2026-01-01' + n * INTERVAL '25 seconds', encode(sha256(n::text::bytea), 'hex')
FROM generate_series(%s + 1, %s) AS n
"""


KEYS_AWAY = """
DO $$
DECLARE key record;
BEGIN
    FOR key IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'finance_ledgerentry'::regclass AND contype = 'f'
    LOOP
        EXECUTE format('ALTER TABLE finance_ledgerentry DROP CONSTRAINT %I', key.conname);
    END LOOP;
END
$$
"""


def drop_guards() -> None:
    """Which only the owner of a throw-away database may do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(KEYS_AWAY)


def add_lines(after: int, count: int) -> None:
    """Lines after + 1 to after + count, in balanced pairs. Their hashes form no chain."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, [after, after + count])
        cursor.execute("VACUUM (ANALYZE) finance_ledgerentry")
