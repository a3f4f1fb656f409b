-- Purpose: undo reading_v1.sql.
DROP FUNCTION finance_keep_read_v1(bigint, integer, text, text, text, bigint, bigint, boolean, text, text);
DROP FUNCTION finance_begin_read_v1(integer, timestamptz, integer);
