-- Purpose: undo ledger_v1.sql.
DROP VIEW finance_ledger_v1;
