-- Purpose: how the hours of oven loads changed is only added to. Needs history_v1.sql.
-- Inputs: none. Rows: none. Reverse: recounts_v1_drop.sql.

CREATE TRIGGER testing_burninrecount_append_only
    BEFORE UPDATE OR DELETE ON testing_burninrecount
    FOR EACH ROW EXECUTE FUNCTION testing_refuse_change_v1();

CREATE TRIGGER testing_burninrecount_no_truncate
    BEFORE TRUNCATE ON testing_burninrecount
    FOR EACH STATEMENT EXECUTE FUNCTION testing_refuse_change_v1();
