-- Purpose: undo balance_v2.sql, before balance_v1.sql is run again.
DROP TRIGGER finance_ledgerentry_balance ON finance_ledgerentry;
DROP FUNCTION finance_check_balance_v2();
