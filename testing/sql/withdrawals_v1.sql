-- Purpose: that a run was taken back is only added to, and never undone. Needs history_v1.sql.
-- Inputs: none. Rows: none. Reverse: withdrawals_v1_drop.sql.

CREATE TRIGGER testing_runwithdrawal_append_only
    BEFORE UPDATE OR DELETE ON testing_runwithdrawal
    FOR EACH ROW EXECUTE FUNCTION testing_refuse_change_v1();

CREATE TRIGGER testing_runwithdrawal_no_truncate
    BEFORE TRUNCATE ON testing_runwithdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION testing_refuse_change_v1();

CREATE TRIGGER testing_run_stays_withdrawn
    BEFORE UPDATE OF is_withdrawn ON testing_run
    FOR EACH ROW WHEN (OLD.is_withdrawn AND NOT NEW.is_withdrawn)
    EXECUTE FUNCTION testing_refuse_change_v1();
