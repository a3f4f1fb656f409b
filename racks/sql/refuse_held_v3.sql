-- Purpose: nothing on hold, by itself, by what is inside it or by material it was built with, as that is told now, is
-- put into a rack slot; a hold placed at the same instant comes before it or after it, never beside it.
-- Inputs:  none; runs once. Rows expected: none.
DROP TRIGGER racks_placement_not_held ON racks_placement;
DROP FUNCTION racks_refuse_held_v2();
DROP FUNCTION racks_lock_lots_inside_v2(bigint);

-- A hold is placed under a lock on its lot. Whoever places a unit locks, in the order of their ids, the lots of all
-- that is in it against that, and reads the holds only then.
CREATE FUNCTION racks_lock_lots_inside_v3(placed_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lot.id
    FROM lots_lot AS lot
    WHERE lot.id = ANY(ARRAY(
        WITH RECURSIVE inside (unit_id) AS (
            SELECT placed_id
            UNION
            SELECT edge.child_id
            FROM inside
            JOIN lots_genealogy AS edge ON edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
        )
        SELECT unit.lot_id FROM inside JOIN lots_unit AS unit ON unit.id = inside.unit_id
        UNION
        SELECT used.lot_id
        FROM inside
        JOIN lots_unit AS unit ON unit.id = inside.unit_id
        JOIN lots_material_used_v1 AS used ON used.event_id = unit.created_by_id
        UNION
        SELECT wafer.lot_id
        FROM inside
        JOIN lots_unit AS unit ON unit.id = inside.unit_id
        JOIN lots_wafer AS wafer ON wafer.id = unit.wafer_id
    ))
    ORDER BY lot.id
    FOR SHARE;
END $$;

CREATE FUNCTION racks_refuse_held_v3() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stop record;
BEGIN
    PERFORM racks_lock_lots_inside_v3(NEW.unit_id);
    PERFORM FROM lots_hold WHERE released_at IS NULL LIMIT 1;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    WITH RECURSIVE inside (unit_id) AS (
        SELECT NEW.unit_id
        UNION
        SELECT edge.child_id
        FROM inside
        JOIN lots_genealogy AS edge ON edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
    )
    SELECT unit.serial, hold.reason INTO stop
    FROM inside
    JOIN lots_unit AS unit ON unit.id = inside.unit_id
    CROSS JOIN LATERAL (
        SELECT whole.reason
        FROM lots_hold AS whole
        WHERE whole.lot_id = unit.lot_id AND whole.scope = 'lot' AND whole.released_at IS NULL
        UNION ALL
        SELECT part.reason
        FROM lots_holditem AS item
        JOIN lots_hold AS part ON part.id = item.hold_id AND part.released_at IS NULL
        WHERE item.unit_id = unit.id
        UNION ALL
        SELECT part.reason
        FROM lots_holditem AS item
        JOIN lots_hold AS part ON part.id = item.hold_id AND part.released_at IS NULL
        WHERE item.wafer_id = unit.wafer_id
        UNION ALL
        SELECT whole.reason
        FROM lots_material_used_v1 AS used
        JOIN lots_hold AS whole
            ON whole.lot_id = used.lot_id AND whole.scope = 'lot' AND whole.released_at IS NULL
        WHERE used.event_id = unit.created_by_id
    ) AS hold
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is on hold (%); it cannot be placed', stop.serial, stop.reason
            USING ERRCODE = 'check_violation', CONSTRAINT = 'racks_placement_not_held';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER racks_placement_not_held BEFORE INSERT ON racks_placement
    FOR EACH ROW WHEN (NEW.valid_to IS NULL) EXECUTE FUNCTION racks_refuse_held_v3();
