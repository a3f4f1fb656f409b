-- Purpose: undo frozen_v1.sql.
DROP TRIGGER finance_costversion_frozen ON finance_costversion;
DROP FUNCTION finance_refuse_approved_version_v1();
DROP TRIGGER finance_standardcost_frozen ON finance_standardcost;
DROP FUNCTION finance_refuse_approved_cost_v1();
DROP TRIGGER finance_ledgerentry_period_open ON finance_ledgerentry;
DROP FUNCTION finance_refuse_closed_period_v1();
