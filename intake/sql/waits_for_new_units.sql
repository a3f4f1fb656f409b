-- Purpose: rows parked until a unit is known that one of these events brought.
-- Inputs: events, an array of their ids. Rows: id of a feed row, each once; mostly none.
SELECT DISTINCT rowwait.row_id
FROM lots_unit AS unit
JOIN intake_rowwait AS rowwait ON rowwait.key = 'unit:' || unit.serial
WHERE unit.created_by_id = ANY(%(events)s)
