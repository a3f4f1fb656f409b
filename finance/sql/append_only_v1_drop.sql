-- Purpose: undo append_only_v1.sql.
DROP TRIGGER finance_ledgerentry_append_only ON finance_ledgerentry;
DROP TRIGGER finance_ledgerentry_no_truncate ON finance_ledgerentry;
DROP TRIGGER finance_ledgerread_append_only ON finance_ledgerread;
DROP TRIGGER finance_ledgerread_no_truncate ON finance_ledgerread;
DROP FUNCTION finance_refuse_change_v1();
