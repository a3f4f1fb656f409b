-- Purpose: take back refuse_held_v3.sql; refuse_held_v2.sql follows.
-- Inputs:  none; runs once. Rows expected: none.
DROP TRIGGER racks_placement_not_held ON racks_placement;
DROP FUNCTION racks_refuse_held_v3();
DROP FUNCTION racks_lock_lots_inside_v3(bigint);
