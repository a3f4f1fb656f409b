-- Purpose: as ledger_v1.sql, with days and moments as the table keeps them written out.
--          The ledger as every export shows it: money, quantity and times already written out, so
--          that CSV and JSON carry the same text. Column order is the contract.
-- Inputs: filter on seq, period and account. Rows expected: one per ledger row.
CREATE OR REPLACE VIEW finance_ledger_v1 AS
SELECT
    seq,
    transaction,
    line,
    kind,
    account,
    coalesce(stage, '') AS stage,
    item,
    coalesce(lot, '') AS lot,
    serial,
    quantity::text AS quantity,
    unit_of_measure,
    coalesce(cost_version, '') AS cost_version,
    amount::text AS amount,
    currency,
    owner,
    custodian,
    effective_text AS effective_on,
    recorded_text AS recorded_at,
    period,
    is_prior_period::text AS is_prior_period,
    source_seq,
    op_key,
    actor,
    approver,
    reverses,
    reason,
    sha256
FROM finance_ledgerentry;
