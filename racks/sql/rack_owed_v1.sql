-- Purpose: whoever changes what is in a rack, by whatever door, leaves a row that its stored content is owed anew.
-- Inputs:  none; runs once. Rows expected: none.

-- 1. A unit came to a slot or left it; a rack came to a position or left it.
CREATE FUNCTION racks_owe_placement_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO racks_rackowed (rack_id)
    SELECT DISTINCT slot.rack_id
    FROM racks_slot AS slot
    WHERE (TG_OP <> 'DELETE' AND slot.id = NEW.slot_id) OR (TG_OP <> 'INSERT' AND slot.id = OLD.slot_id);
    RETURN NULL;
END $$;

CREATE TRIGGER racks_placement_owed AFTER INSERT OR UPDATE OR DELETE ON racks_placement
    FOR EACH ROW EXECUTE FUNCTION racks_owe_placement_v1();

CREATE FUNCTION racks_owe_standing_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO racks_rackowed (rack_id) VALUES (COALESCE(NEW.rack_id, OLD.rack_id));
    RETURN NULL;
END $$;

CREATE TRIGGER racks_rackplacement_owed AFTER INSERT OR UPDATE OR DELETE ON racks_rackplacement
    FOR EACH ROW EXECUTE FUNCTION racks_owe_standing_v1();

-- 2. Something was built into what is in a rack, or taken out of it. What is new stands in no rack, so most edges
--    end here after two lookups.
CREATE FUNCTION racks_owe_units_v1(unit_ids bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH RECURSIVE above (unit_id) AS (
        SELECT UNNEST(unit_ids)
        UNION
        SELECT link.parent_id
        FROM above
        CROSS JOIN LATERAL (
            SELECT edge.parent_id
            FROM lots_genealogy AS edge
            WHERE edge.child_id = above.unit_id AND edge.valid_to IS NULL
            LIMIT 1
        ) AS link
    )
    INSERT INTO racks_rackowed (rack_id)
    SELECT DISTINCT seat.rack_id
    FROM above
    CROSS JOIN LATERAL (
        SELECT slot.rack_id
        FROM racks_placement AS placement
        JOIN racks_slot AS slot ON slot.id = placement.slot_id
        WHERE placement.unit_id = above.unit_id AND placement.valid_to IS NULL
        LIMIT 1
    ) AS seat
$$;

CREATE FUNCTION racks_owe_edges_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM racks_owe_units_v1(ARRAY_AGG(DISTINCT edges.parent_id)) FROM edges;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_genealogy_opened_owed AFTER INSERT ON lots_genealogy
    REFERENCING NEW TABLE AS edges
    FOR EACH STATEMENT EXECUTE FUNCTION racks_owe_edges_v1();
CREATE TRIGGER lots_genealogy_closed_owed AFTER UPDATE ON lots_genealogy
    REFERENCING NEW TABLE AS edges
    FOR EACH STATEMENT EXECUTE FUNCTION racks_owe_edges_v1();

-- 3. A unit became another product, or a product draws other power.
CREATE FUNCTION racks_owe_unit_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM racks_owe_units_v1(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE TRIGGER lots_unit_owed AFTER UPDATE OF product_id ON lots_unit
    FOR EACH ROW WHEN (OLD.product_id <> NEW.product_id) EXECUTE FUNCTION racks_owe_unit_v1();

CREATE FUNCTION racks_owe_all_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO racks_rackowed (rack_id) SELECT id FROM racks_rack;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_product_owed AFTER UPDATE OF power_watt, kind ON lots_product
    FOR EACH ROW WHEN (OLD.power_watt IS DISTINCT FROM NEW.power_watt OR OLD.kind <> NEW.kind)
    EXECUTE FUNCTION racks_owe_all_v1();

-- 4. What stands already is owed once.
INSERT INTO racks_rackowed (rack_id) SELECT id FROM racks_rack;
