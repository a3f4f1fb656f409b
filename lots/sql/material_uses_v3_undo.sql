-- Purpose: take back material_uses_v3.sql.
-- Inputs:  none; runs once. Rows expected: none.
DROP VIEW lots_material_used_v2;
