-- Purpose: what an approved cost version was rolled up from never changes, as its costs do not.
-- Inputs: the new or old row; finance_refuse_approved_cost_v1 of frozen_v1.sql. Rows expected: none.
CREATE TRIGGER finance_costassumption_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_costassumption
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_cost_v1();
