-- Purpose: what a supplier gave us, by lot: goods, as finance_received_v1 tells them, with an empty work; and work on our
--          lots at standard, with the stage it brought them to. Work is what whoever had the lot added on its way to a
--          stage, or in making something of its parts: what is left in conversion of that. Quantity and amount are plus
--          for what came. What invoices differ by is no work.
-- Inputs: filter on seq, effective_on, supplier, lot and work. Rows expected: one for each line of those accounts.
CREATE VIEW finance_received_v2 AS
SELECT seq, effective_on, supplier, lot, item, unit_of_measure, quantity, amount, stage, '' AS work
FROM finance_received_v1
UNION ALL
SELECT
    entry.seq,
    entry.effective_on,
    entry.custodian,
    entry.lot,
    entry.item,
    entry.unit_of_measure,
    COALESCE((
        SELECT other.quantity
        FROM finance_ledgerentry AS other
        WHERE other.transaction = entry.transaction
            AND other.line < entry.line
            AND other.kind = 'transfer'
            AND other.lot = entry.lot
            AND other.stage = entry.stage
        ORDER BY other.line DESC
        LIMIT 1
    ), 0),
    -entry.amount,
    entry.stage,
    entry.stage
FROM finance_ledgerentry AS entry
WHERE entry.account = 'conversion' AND entry.kind = 'absorption'
UNION ALL
SELECT
    entry.seq,
    entry.effective_on,
    entry.custodian,
    entry.lot,
    entry.item,
    entry.unit_of_measure,
    -entry.quantity,
    -(
        SELECT SUM(other.amount)
        FROM finance_ledgerentry AS other
        WHERE other.transaction = entry.transaction
            AND other.account = 'conversion'
            AND other.kind IN ('consumption', 'production', 'standard-change')
    ),
    entry.stage,
    entry.stage
FROM finance_ledgerentry AS entry
WHERE entry.account = 'conversion' AND entry.kind = 'production';
