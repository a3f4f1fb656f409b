-- Purpose: takes closing_v1.sql back.
-- Inputs: none. Rows expected: none.
DROP TRIGGER finance_period_told ON finance_period;
DROP FUNCTION finance_refuse_close_without_version_v1();
DROP TRIGGER finance_period_closes ON finance_period;
DROP TRIGGER finance_period_begins ON finance_period;
DROP FUNCTION finance_refuse_bare_close_v1();
