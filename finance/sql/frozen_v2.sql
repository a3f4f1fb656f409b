-- Purpose: as frozen_v1.sql for cost versions and their rows, which are locked while theirs is looked at, so that nobody
--          approves in the same moment, and which are prepared first and approved then. A period goes open,
--          soft-closed, closed, and is never changed once closed; its days stay once the ledger or a close names it. A
--          version of a close is approved only after its draft, but the first, which is made as its period is closed.
--          The books keep their code, currency and time zone once they have a line.
-- Inputs: the new or old row. Rows expected: none.
CREATE FUNCTION finance_refuse_approved_version_v2() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.approved_at IS NOT NULL THEN
            RAISE EXCEPTION 'cost version % is prepared first, and approved then', NEW.code
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'cost version % is approved: make a new one', OLD.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

DROP TRIGGER finance_costversion_frozen ON finance_costversion;
DROP FUNCTION finance_refuse_approved_version_v1();
CREATE TRIGGER finance_costversion_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_costversion
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_version_v2();

CREATE FUNCTION finance_refuse_approved_cost_v2() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    PERFORM FROM finance_costversion AS version
    WHERE (TG_OP <> 'INSERT' AND version.id = OLD.version_id)
        OR (TG_OP <> 'DELETE' AND version.id = NEW.version_id)
    FOR SHARE;
    SELECT version.code INTO code
    FROM finance_costversion AS version
    WHERE version.approved_at IS NOT NULL
        AND ((TG_OP <> 'INSERT' AND version.id = OLD.version_id)
            OR (TG_OP <> 'DELETE' AND version.id = NEW.version_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cost version % is approved: make a new one', code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

DROP TRIGGER finance_standardcost_frozen ON finance_standardcost;
DROP TRIGGER finance_costassumption_frozen ON finance_costassumption;
DROP FUNCTION finance_refuse_approved_cost_v1();
CREATE TRIGGER finance_standardcost_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_standardcost
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_cost_v2();
CREATE TRIGGER finance_costassumption_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_costassumption
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_cost_v2();

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

CREATE FUNCTION finance_refuse_early_close_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_by_id IS NOT NULL AND NOT (NEW.version = 1 AND EXISTS (
        SELECT FROM finance_period AS period
        WHERE period.code = NEW.period AND period.state = 'closed'
            AND (period.closed_seq, period.closed_sha256) = (NEW.seq, NEW.sha256)
    )) THEN
        RAISE EXCEPTION '% v% is prepared first, and approved then', NEW.period, NEW.version
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER finance_periodclose_prepared
    BEFORE INSERT ON finance_periodclose
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_early_close_v1();

CREATE FUNCTION finance_refuse_other_books_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.code, NEW.currency, NEW.time_zone)
        = (OLD.id, OLD.code, OLD.currency, OLD.time_zone) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM finance_ledgerentry) THEN
        RAISE EXCEPTION 'the books have lines: their code, currency and time zone stay, and they stay the only ones'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_entity_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_entity
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_other_books_v1();
