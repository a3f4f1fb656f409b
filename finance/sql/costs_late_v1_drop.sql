-- Purpose: undo costs_late_v1.sql.
DROP TRIGGER finance_costversion_late ON finance_costversion;
DROP FUNCTION finance_refuse_late_costs_v1();
