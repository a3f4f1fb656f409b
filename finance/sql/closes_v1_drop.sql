-- Purpose: take back closes_v1.sql. Inputs: none. Rows expected: none.
DROP TRIGGER finance_periodclose_no_truncate ON finance_periodclose;
DROP TRIGGER finance_periodclose_kept ON finance_periodclose;
DROP FUNCTION finance_refuse_close_change_v1();
