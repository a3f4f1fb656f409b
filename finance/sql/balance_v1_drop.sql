-- Purpose: undo balance_v1.sql.
DROP TRIGGER finance_ledgerentry_balance ON finance_ledgerentry;
DROP FUNCTION finance_check_balance_v1();
