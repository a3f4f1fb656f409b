-- Purpose: lot steps with identity conflicts that nobody decided say so, which was not kept before.
-- Inputs:  none.
-- Rows:    each such lot step, once.
UPDATE testing_lotstep AS lot_step
SET identity = 'conflicting'
WHERE EXISTS (
    SELECT FROM testing_identityconflict AS conflict
    WHERE conflict.lot_step_id = lot_step.id
    AND conflict.verdict = 'open'
)
