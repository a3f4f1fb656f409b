-- Purpose: what the ledger tells of units by name, laid out so that a million of them are walked set-wise.
-- Inputs:  none. Rows expected: four temporary tables until the transaction ends.
DROP TABLE IF EXISTS pg_temp.verify_whole, pg_temp.verify_named, pg_temp.verify_removed, pg_temp.verify_path;

-- Lots that went whole, and wafers of a lot by number (null: all of the lot). product_id: what they became, if binned.
CREATE TEMPORARY TABLE verify_whole ON COMMIT DROP AS
SELECT event.seq, source.id AS lot_id, NULL::smallint AS number, event.lot_id AS to_id, NULL::bigint AS product_id
FROM lots_event AS event
CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(event.payload -> 'lots') AS named (code)
JOIN lots_lot AS source ON source.code = named.code
WHERE event.verb = 'merge'
UNION ALL
SELECT event.seq, event.lot_id, named.number::smallint, child.id, product.id
FROM lots_event AS event
CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(event.payload -> 'wafers') AS named (number)
JOIN lots_lot AS child ON child.code = event.payload ->> 'child'
LEFT JOIN lots_product AS product ON event.verb = 'bin' AND product.code = event.payload ->> 'product_to'
WHERE event.verb IN ('split', 'bin')
UNION ALL
SELECT event.seq, event.lot_id, NULL, child.id, product.id
FROM lots_event AS event
JOIN lots_lot AS child ON child.code = event.payload ->> 'child'
LEFT JOIN lots_product AS product ON product.code = event.payload ->> 'product_to'
WHERE event.verb = 'bin' AND event.payload -> 'quantity' <> 'null';
CREATE INDEX ON verify_whole (lot_id, seq);
ANALYZE verify_whole;

-- Units that went by name. A bin whose units were not kept yet took what stands in its lot.
CREATE TEMPORARY TABLE verify_named ON COMMIT DROP AS
SELECT event.seq, unit.id AS unit_id, child.id AS to_id, product.id AS product_id
FROM lots_event AS event
JOIN lots_lot AS child ON child.code = event.payload ->> 'child'
LEFT JOIN lots_product AS product ON event.verb = 'bin' AND product.code = event.payload ->> 'product_to'
CROSS JOIN LATERAL (
    SELECT named.id
    FROM JSONB_ARRAY_ELEMENTS_TEXT(event.payload -> 'serials') AS told (serial)
    JOIN lots_unit AS named ON named.serial = told.serial
    UNION ALL
    SELECT told.id::bigint FROM JSONB_ARRAY_ELEMENTS_TEXT(event.payload -> 'unit_ids') AS told (id)
    UNION ALL
    SELECT stands.id FROM lots_unit AS stands
    WHERE stands.lot_id = child.id AND event.payload ? 'bins' AND NOT event.payload ? 'unit_ids'
) AS unit (id)
WHERE event.verb IN ('split', 'bin')
UNION ALL
SELECT event.seq, unit.id, event.lot_id, NULL
FROM lots_event AS event
JOIN lots_unit AS unit ON unit.serial = event.payload ->> 'removed'
WHERE event.verb = 'swap';
CREATE INDEX ON verify_named (unit_id, seq);
ANALYZE verify_named;

-- Units that an event took out of the good ones, unless it was corrected.
CREATE TEMPORARY TABLE verify_removed ON COMMIT DROP AS
SELECT DISTINCT ON (named.id)
    named.id::bigint AS unit_id, event.seq,
    CASE
        WHEN told.row ->> 'kind' = 'scrap' THEN 'scrapped'
        WHEN told.row ->> 'reason' = 'missing' OR told.row -> 'counts_in_yield' = 'false' THEN 'missing'
        ELSE 'reject'
    END AS state
FROM lots_event AS event
CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(
    CASE event.verb
        WHEN 'track-out' THEN COALESCE(event.payload -> 'losses', '[]')
        ELSE JSONB_BUILD_ARRAY(event.payload || JSONB_BUILD_OBJECT('kind', event.verb, 'reason', event.reason))
    END
) AS told (row)
CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(told.row -> 'unit_ids') AS named (id)
WHERE event.verb IN ('loss', 'scrap', 'track-out')
    AND NOT EXISTS (SELECT FROM lots_event AS undo WHERE undo.corrects_id = event.id AND undo.verb = 'correct')
ORDER BY named.id, event.seq DESC;
CREATE UNIQUE INDEX ON verify_removed (unit_id);
ANALYZE verify_removed;

-- Every lot a unit was in, from where it was born: units of lots out of which nothing ever went are left out.
CREATE TEMPORARY TABLE verify_path ON COMMIT DROP AS
WITH RECURSIVE path (unit_id, seq, lot_id, product_id, number) AS (
    SELECT unit.id, event.seq, event.lot_id, NULL::bigint, wafer.number
    FROM lots_unit AS unit
    JOIN lots_event AS event ON event.id = unit.created_by_id
    LEFT JOIN lots_wafer AS wafer ON wafer.id = unit.wafer_id
    WHERE EXISTS (SELECT FROM verify_whole WHERE verify_whole.lot_id = event.lot_id)
        OR EXISTS (SELECT FROM verify_named WHERE verify_named.unit_id = unit.id)
    UNION ALL
    SELECT path.unit_id, next.seq, next.to_id, COALESCE(next.product_id, path.product_id), path.number
    FROM path
    CROSS JOIN LATERAL (
        SELECT whole.seq, whole.to_id, whole.product_id
        FROM verify_whole AS whole
        WHERE whole.lot_id = path.lot_id AND whole.seq > path.seq
            AND (whole.number IS NULL OR whole.number = path.number)
        UNION ALL
        SELECT named.seq, named.to_id, named.product_id
        FROM verify_named AS named
        WHERE named.unit_id = path.unit_id AND named.seq > path.seq
        ORDER BY seq
        LIMIT 1
    ) AS next
)
SELECT unit_id, seq, lot_id, product_id FROM path;
CREATE INDEX ON verify_path (unit_id, seq);
ANALYZE verify_path;
