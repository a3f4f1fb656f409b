-- Purpose: undo received_v1.sql.
DROP VIEW finance_received_v1;
