-- Purpose: undo limits_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER quality_limitlot_no_truncate ON quality_limitlot;
DROP TRIGGER quality_limitlot_append_only ON quality_limitlot;
DROP TRIGGER quality_limitlot_guard ON quality_limitlot;
DROP FUNCTION quality_guard_limit_lot();
DROP TRIGGER quality_limitversion_no_truncate ON quality_limitversion;
DROP TRIGGER quality_limitversion_no_delete ON quality_limitversion;
DROP TRIGGER quality_limitversion_guard ON quality_limitversion;
DROP FUNCTION quality_guard_limit();
