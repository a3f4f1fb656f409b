-- Purpose: approved posting rules, their reasons and approved stages of steps never change; each is prepared first and
--          approved then, and its preparer stays; no rules are approved that say of a reason something else on days of a
--          closed period, or of which events are posted. A period that is being closed is waited for.
-- Inputs: the new or old row. Rows expected: none.
CREATE FUNCTION finance_refuse_approved_rules_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.approved_at IS NOT NULL THEN
            RAISE EXCEPTION 'a row of % is prepared first, and approved then', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION '% % is approved: make a new one', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.prepared_by_id IS DISTINCT FROM NEW.prepared_by_id THEN
        RAISE EXCEPTION '% % was prepared by someone else: that stays', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_postingrules_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_postingrules
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_rules_v1();
CREATE TRIGGER finance_stepstage_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_stepstage
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_rules_v1();

CREATE FUNCTION finance_refuse_approved_reason_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    -- Locked, so that nobody approves them in the same moment.
    PERFORM FROM finance_postingrules AS rules
    WHERE (TG_OP <> 'INSERT' AND rules.id = OLD.rules_id)
        OR (TG_OP <> 'DELETE' AND rules.id = NEW.rules_id)
    FOR SHARE;
    SELECT rules.code INTO code
    FROM finance_postingrules AS rules
    WHERE rules.approved_at IS NOT NULL
        AND ((TG_OP <> 'INSERT' AND rules.id = OLD.rules_id)
            OR (TG_OP <> 'DELETE' AND rules.id = NEW.rules_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'posting rules % are approved: make new ones', code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_scrapreason_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_scrapreason
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_reason_v1();

CREATE FUNCTION finance_refuse_late_rules_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told_id bigint;
BEGIN
    PERFORM FROM finance_period AS period
    WHERE period.state = 'soft-closed' AND period.ends_on >= NEW.effective_on
    FOR SHARE;
    SELECT rules.id INTO told_id
    FROM finance_postingrules AS rules
    WHERE rules.approved_at IS NOT NULL AND rules.effective_on < NEW.effective_on
    ORDER BY rules.effective_on DESC
    LIMIT 1;
    -- A reason that is not listed is neither normal nor missing.
    IF NOT EXISTS (
        SELECT FROM (SELECT * FROM finance_scrapreason WHERE rules_id = told_id) AS told
        FULL JOIN (SELECT * FROM finance_scrapreason WHERE rules_id = NEW.id) AS said USING (reason)
        WHERE COALESCE(told.is_normal, FALSE) <> COALESCE(said.is_normal, FALSE)
            OR COALESCE(told.is_missing, FALSE) <> COALESCE(said.is_missing, FALSE)
    ) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM finance_period AS period
        WHERE period.state = 'closed' AND period.ends_on >= NEW.effective_on
    ) THEN
        RAISE EXCEPTION 'posting rules % would change reasons of a closed period', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM finance_ledgerentry AS entry
        WHERE entry.source_seq IS NOT NULL AND entry.effective_on >= NEW.effective_on
    ) THEN
        RAISE EXCEPTION 'posting rules % would change reasons by which events are posted', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER finance_postingrules_late
    BEFORE UPDATE ON finance_postingrules
    FOR EACH ROW WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL)
    EXECUTE FUNCTION finance_refuse_late_rules_v1();

CREATE TRIGGER finance_postingrules_no_truncate
    BEFORE TRUNCATE ON finance_postingrules
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved rules');
CREATE TRIGGER finance_scrapreason_no_truncate
    BEFORE TRUNCATE ON finance_scrapreason
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved rules');
CREATE TRIGGER finance_stepstage_no_truncate
    BEFORE TRUNCATE ON finance_stepstage
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_emptied_v1('approved stages');
