-- Purpose: undo closes_v3.sql. Inputs: the new or old row. Rows expected: none.
DROP TRIGGER finance_periodclose_kept ON finance_periodclose;
DROP FUNCTION finance_refuse_close_change_v3();

CREATE FUNCTION finance_refuse_close_change_v2() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_by_id IS NULL THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF (NEW.period, NEW.version, NEW.seq, NEW.sha256, NEW.totals, NEW.reason, NEW.prepared_by_id, NEW.prepared_at)
            IS NOT DISTINCT FROM
            (OLD.period, OLD.version, OLD.seq, OLD.sha256, OLD.totals, OLD.reason, OLD.prepared_by_id, OLD.prepared_at)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% v% is kept as it was reported: restate the period', OLD.period, OLD.version
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER finance_periodclose_kept
    BEFORE UPDATE OR DELETE ON finance_periodclose
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_close_change_v2();
