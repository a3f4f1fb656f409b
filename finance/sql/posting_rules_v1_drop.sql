-- Purpose: undo posting_rules_v1.sql.
DROP TRIGGER finance_stepstage_no_truncate ON finance_stepstage;
DROP TRIGGER finance_scrapreason_no_truncate ON finance_scrapreason;
DROP TRIGGER finance_postingrules_no_truncate ON finance_postingrules;
DROP TRIGGER finance_postingrules_late ON finance_postingrules;
DROP FUNCTION finance_refuse_late_rules_v1();
DROP TRIGGER finance_scrapreason_frozen ON finance_scrapreason;
DROP FUNCTION finance_refuse_approved_reason_v1();
DROP TRIGGER finance_stepstage_frozen ON finance_stepstage;
DROP TRIGGER finance_postingrules_frozen ON finance_postingrules;
DROP FUNCTION finance_refuse_approved_rules_v1();
