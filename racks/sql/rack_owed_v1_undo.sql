-- Purpose: undo rack_owed_v1.
-- Inputs:  none; runs once. Rows expected: none.
DROP TRIGGER lots_product_owed ON lots_product;
DROP TRIGGER lots_unit_owed ON lots_unit;
DROP TRIGGER lots_genealogy_closed_owed ON lots_genealogy;
DROP TRIGGER lots_genealogy_opened_owed ON lots_genealogy;
DROP TRIGGER racks_rackplacement_owed ON racks_rackplacement;
DROP TRIGGER racks_placement_owed ON racks_placement;
DROP FUNCTION racks_owe_all_v1();
DROP FUNCTION racks_owe_unit_v1();
DROP FUNCTION racks_owe_edges_v1();
DROP FUNCTION racks_owe_units_v1(bigint[]);
DROP FUNCTION racks_owe_standing_v1();
DROP FUNCTION racks_owe_placement_v1();
