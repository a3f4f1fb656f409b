-- Purpose: uses of material that hold now, with when they last grew. lots_material_used_v1 stays for the triggers and the
-- view that name it.
-- Inputs:  none; runs once. Rows expected: none.
-- added_seq: of the last reissue that told more of the lot than was told before; null for none.
CREATE VIEW lots_material_used_v2 AS
SELECT
    used.id, used.event_id, used.lot_id, used.quantity,
    (
        SELECT MAX(told.seq)
        FROM lots_materialuse AS retold
        JOIN lots_event AS told ON told.id = retold.retold_by_id
        LEFT JOIN lots_materialuse AS before ON before.id = retold.replaces_id
        WHERE retold.event_id = used.event_id AND retold.lot_id = used.lot_id
            AND retold.quantity > COALESCE(before.quantity, 0)
    ) AS added_seq
FROM lots_materialuse AS used
WHERE used.quantity > 0
    AND NOT EXISTS (SELECT FROM lots_materialuse AS later WHERE later.replaces_id = used.id);
