-- Purpose: a version of a closed period stays as it was approved; a draft may only be approved or given up.
-- Inputs: the new or old row. Rows expected: one per period closed before, as its version 1.
INSERT INTO finance_periodclose (period, version, seq, sha256, reason, prepared_by_id, approved_by_id, approved_at)
SELECT period.code, 1, period.closed_seq, period.closed_sha256, '', period.prepared_by_id, period.approved_by_id, NOW()
FROM finance_period AS period
WHERE period.state = 'closed';

CREATE FUNCTION finance_refuse_close_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_by_id IS NULL THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF (NEW.period, NEW.version, NEW.seq, NEW.sha256, NEW.reason, NEW.prepared_by_id, NEW.prepared_at)
            = (OLD.period, OLD.version, OLD.seq, OLD.sha256, OLD.reason, OLD.prepared_by_id, OLD.prepared_at) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% v% is kept as it was reported: restate the period', OLD.period, OLD.version
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER finance_periodclose_kept
    BEFORE UPDATE OR DELETE ON finance_periodclose
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_close_change_v1();

CREATE TRIGGER finance_periodclose_no_truncate
    BEFORE TRUNCATE ON finance_periodclose
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
