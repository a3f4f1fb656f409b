-- Purpose: a retest rule that was approved stays as it is. Needs history_v1.sql.
-- Inputs: none. Rows: none. Reverse: frozen_rules_v1_drop.sql.

CREATE TRIGGER testing_retestrule_frozen
    BEFORE UPDATE OR DELETE ON testing_retestrule
    FOR EACH ROW WHEN (OLD.approved_at IS NOT NULL) EXECUTE FUNCTION testing_refuse_change_v1();

CREATE TRIGGER testing_retestrule_no_truncate
    BEFORE TRUNCATE ON testing_retestrule
    FOR EACH STATEMENT EXECUTE FUNCTION testing_refuse_change_v1();
