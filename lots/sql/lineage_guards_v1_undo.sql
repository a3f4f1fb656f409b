-- Purpose: take back lineage_guards_v1.
-- Inputs:  none. Rows expected: none.
DROP TRIGGER lots_genealogy_closed_in_ledger ON lots_genealogy;
DROP FUNCTION lots_check_edge_closed_v1();
DROP TRIGGER lots_lotlineage_no_truncate ON lots_lotlineage;
DROP TRIGGER lots_lotlineage_append_only ON lots_lotlineage;
DROP TRIGGER lots_lotlineage_in_ledger ON lots_lotlineage;
DROP FUNCTION lots_check_lineage_v1();
