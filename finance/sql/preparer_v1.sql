-- Purpose: who prepared costs or a close stays who prepared them, or four eyes would be two.
-- Inputs: the old and new row. Rows expected: none.
CREATE FUNCTION finance_refuse_other_preparer_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % was prepared by someone else: that stays', TG_TABLE_NAME, OLD.code
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER finance_costversion_preparer
    BEFORE UPDATE ON finance_costversion
    FOR EACH ROW WHEN (OLD.prepared_by_id IS DISTINCT FROM NEW.prepared_by_id)
    EXECUTE FUNCTION finance_refuse_other_preparer_v1();

CREATE TRIGGER finance_period_preparer
    BEFORE UPDATE ON finance_period
    FOR EACH ROW
    WHEN (OLD.prepared_by_id IS NOT NULL AND OLD.prepared_by_id IS DISTINCT FROM NEW.prepared_by_id)
    EXECUTE FUNCTION finance_refuse_other_preparer_v1();
