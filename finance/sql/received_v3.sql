-- Purpose: as received_v2.sql where lots go back: work that a way back takes off is counted down at the later one of its two
--          stages, which it was brought to before; v2 told it as more work at the stage that it came back to. What goes to
--          engineering material or comes from it is told as such, and apart from what anybody did to the lot.
-- Inputs: filter on seq, effective_on, supplier, lot and work. Rows expected: one for each line of those accounts.
CREATE VIEW finance_received_v3 AS
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
    COALESCE(later.quantity, 0),
    -entry.amount,
    COALESCE(later.stage, entry.stage),
    COALESCE(later.stage, entry.stage)
FROM finance_ledgerentry AS entry
LEFT JOIN LATERAL (
    SELECT way.stage, way.quantity
    FROM (
        SELECT other.stage, other.quantity
        FROM finance_ledgerentry AS other
        WHERE other.transaction = entry.transaction
            AND other.line < entry.line
            AND other.kind = 'transfer'
            AND other.lot = entry.lot
        ORDER BY other.line DESC
        LIMIT 2
    ) AS way
    INNER JOIN finance_stage AS stage ON stage.code = way.stage
    ORDER BY (way.stage = 'engineering') DESC, stage.sequence DESC
    LIMIT 1
) AS later ON TRUE
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
