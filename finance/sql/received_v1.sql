-- Purpose: what became ours from a supplier, by lot. A receipt counts where title passes with it; of what a vendor still
--          owns, buying it does: then units leave vendor-owned in a transaction that also has a line of the supplier for
--          the lot. Quantity and amount are plus for what came. Price differences of invoices are no receipt.
-- Inputs: filter on seq, effective_on, supplier and lot. Rows expected: one for each line of those accounts.
CREATE VIEW finance_received_v1 AS
SELECT
    entry.seq,
    entry.effective_on,
    entry.owner AS supplier,
    entry.lot,
    entry.item,
    entry.unit_of_measure,
    -entry.quantity AS quantity,
    CASE WHEN entry.account = 'supplier' THEN -entry.amount ELSE 0 END AS amount,
    COALESCE((
        SELECT other.stage
        FROM finance_ledgerentry AS other
        WHERE other.transaction = entry.transaction
            AND other.lot = entry.lot
            AND other.quantity > 0
            AND other.account NOT IN ('supplier', 'vendor-owned')
        ORDER BY other.line
        LIMIT 1
    ), '') AS stage
FROM finance_ledgerentry AS entry
WHERE (entry.account = 'supplier' AND entry.kind <> 'purchase-price-variance')
    OR (
        entry.account = 'vendor-owned'
        AND EXISTS (
            SELECT FROM finance_ledgerentry AS paid
            WHERE paid.transaction = entry.transaction
                AND paid.lot = entry.lot
                AND paid.account = 'supplier'
                AND paid.kind <> 'purchase-price-variance'
        )
    );
