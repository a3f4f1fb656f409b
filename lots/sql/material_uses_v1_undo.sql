-- Purpose: take back material_uses_v1.sql.
-- Inputs:  none; runs once. Rows expected: none.
DROP TRIGGER lots_event_materials_told ON lots_event;
DROP FUNCTION lots_check_materials_told_v1();
DROP TRIGGER lots_materialuse_no_truncate ON lots_materialuse;
DROP TRIGGER lots_materialuse_append_only ON lots_materialuse;
DROP TRIGGER lots_materialuse_in_ledger ON lots_materialuse;
DROP FUNCTION lots_check_material_use_v1();
