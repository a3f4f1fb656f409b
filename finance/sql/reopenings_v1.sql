-- Purpose: as frozen_v2.sql for periods, but a soft-closed one may be opened again, each time with a reopening that says
--          why. Reopenings are only added to, and none without its period having been opened. Then nobody has prepared it.
-- Inputs: the new or old row. Rows expected: none.
CREATE FUNCTION finance_refuse_period_change_v2() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_reopened boolean;
BEGIN
    IF OLD.state = 'closed' THEN
        RAISE EXCEPTION 'period % is closed: restate it', OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    is_reopened := (OLD.state, NEW.state) = ('soft-closed', 'open');
    IF NOT is_reopened AND (OLD.state, NEW.state) NOT IN (
        ('open', 'open'), ('open', 'soft-closed'), ('soft-closed', 'soft-closed'), ('soft-closed', 'closed')
    ) THEN
        RAISE EXCEPTION 'period % is %: it does not become %', OLD.code, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.reopened_count <> OLD.reopened_count + is_reopened::int OR is_reopened AND NOT EXISTS (
        SELECT FROM finance_periodreopening AS reopening
        WHERE reopening.period = OLD.code AND reopening.number = NEW.reopened_count
    ) THEN
        RAISE EXCEPTION 'period % is opened again only with a reason, kept as a reopening', OLD.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.code, NEW.starts_on, NEW.ends_on) IS DISTINCT FROM (OLD.code, OLD.starts_on, OLD.ends_on)
        AND EXISTS (SELECT FROM finance_ledgerentry AS entry WHERE entry.period = OLD.code) THEN
        RAISE EXCEPTION 'period % has lines: its days stay', OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

DROP TRIGGER finance_period_kept ON finance_period;
DROP FUNCTION finance_refuse_period_change_v1();
CREATE TRIGGER finance_period_kept
    BEFORE UPDATE OR DELETE ON finance_period
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_period_change_v2();

DROP TRIGGER finance_period_preparer ON finance_period;
CREATE TRIGGER finance_period_preparer
    BEFORE UPDATE ON finance_period
    FOR EACH ROW
    WHEN (
        OLD.prepared_by_id IS NOT NULL AND OLD.prepared_by_id IS DISTINCT FROM NEW.prepared_by_id
        AND NOT (OLD.state = 'soft-closed' AND NEW.state = 'open' AND NEW.prepared_by_id IS NULL)
    )
    EXECUTE FUNCTION finance_refuse_other_preparer_v1();

CREATE FUNCTION finance_refuse_idle_reopening_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM finance_period AS period WHERE period.code = NEW.period AND period.reopened_count >= NEW.number
    ) THEN
        RAISE EXCEPTION 'period % was not opened again', NEW.period USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER finance_periodreopening_done
    AFTER INSERT ON finance_periodreopening
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_idle_reopening_v1();

CREATE TRIGGER finance_periodreopening_append_only
    BEFORE UPDATE OR DELETE ON finance_periodreopening
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_change_v1();
CREATE TRIGGER finance_periodreopening_no_truncate
    BEFORE TRUNCATE ON finance_periodreopening
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
