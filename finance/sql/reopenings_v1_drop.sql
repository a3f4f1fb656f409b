-- Purpose: undo reopenings_v1.sql. Inputs: none. Rows expected: none.
DROP TRIGGER finance_periodreopening_no_truncate ON finance_periodreopening;
DROP TRIGGER finance_periodreopening_append_only ON finance_periodreopening;
DROP TRIGGER finance_periodreopening_done ON finance_periodreopening;
DROP FUNCTION finance_refuse_idle_reopening_v1();
DROP TRIGGER finance_period_preparer ON finance_period;
CREATE TRIGGER finance_period_preparer
    BEFORE UPDATE ON finance_period
    FOR EACH ROW
    WHEN (OLD.prepared_by_id IS NOT NULL AND OLD.prepared_by_id IS DISTINCT FROM NEW.prepared_by_id)
    EXECUTE FUNCTION finance_refuse_other_preparer_v1();
DROP TRIGGER finance_period_kept ON finance_period;
DROP FUNCTION finance_refuse_period_change_v2();

CREATE FUNCTION finance_refuse_period_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'closed' THEN
        RAISE EXCEPTION 'period % is closed: restate it', OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('open', 'open'), ('open', 'soft-closed'), ('soft-closed', 'soft-closed'), ('soft-closed', 'closed')
    ) THEN
        RAISE EXCEPTION 'period % is %: it does not become %', OLD.code, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.code, NEW.starts_on, NEW.ends_on) IS DISTINCT FROM (OLD.code, OLD.starts_on, OLD.ends_on)
        AND EXISTS (SELECT FROM finance_ledgerentry AS entry WHERE entry.period = OLD.code) THEN
        RAISE EXCEPTION 'period % has lines: its days stay', OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER finance_period_kept
    BEFORE UPDATE OR DELETE ON finance_period
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_period_change_v1();
