-- Purpose: undo preparer_v1.sql.
DROP TRIGGER finance_costversion_preparer ON finance_costversion;
DROP TRIGGER finance_period_preparer ON finance_period;
DROP FUNCTION finance_refuse_other_preparer_v1();
