-- Purpose: an approved posting profile and its accounts never change; its preparer stays; and none is approved for the
--          days of a period that is closed, whose journal is told for ever.
-- Inputs: the new or old row. Rows expected: none.
CREATE FUNCTION finance_refuse_approved_profile_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'posting profile % is approved: make a new one', OLD.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_postingprofile_frozen
    BEFORE UPDATE OR DELETE ON finance_postingprofile
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_profile_v1();

CREATE FUNCTION finance_refuse_early_profile_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'posting profile % is prepared first, and approved then', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM finance_period AS period
        WHERE period.state = 'closed' AND period.ends_on >= NEW.effective_on
    ) THEN
        RAISE EXCEPTION 'posting profile % would change the journal of a closed period', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER finance_postingprofile_late
    BEFORE INSERT OR UPDATE ON finance_postingprofile
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_early_profile_v1();

CREATE TRIGGER finance_postingprofile_preparer
    BEFORE UPDATE ON finance_postingprofile
    FOR EACH ROW WHEN (OLD.prepared_by_id IS DISTINCT FROM NEW.prepared_by_id)
    EXECUTE FUNCTION finance_refuse_other_preparer_v1();

CREATE FUNCTION finance_refuse_approved_profile_account_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    -- Locked, so that nobody approves it in the same moment.
    PERFORM FROM finance_postingprofile AS profile
    WHERE (TG_OP <> 'INSERT' AND profile.id = OLD.profile_id)
        OR (TG_OP <> 'DELETE' AND profile.id = NEW.profile_id)
    FOR SHARE;
    SELECT profile.code INTO code
    FROM finance_postingprofile AS profile
    WHERE profile.approved_at IS NOT NULL
        AND ((TG_OP <> 'INSERT' AND profile.id = OLD.profile_id)
            OR (TG_OP <> 'DELETE' AND profile.id = NEW.profile_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'posting profile % is approved: make a new one', code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_profileaccount_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_profileaccount
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_profile_account_v1();

CREATE FUNCTION finance_refuse_profiles_gone_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not emptied: approved profiles stand in it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER finance_postingprofile_no_truncate
    BEFORE TRUNCATE ON finance_postingprofile
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_profiles_gone_v1();
CREATE TRIGGER finance_profileaccount_no_truncate
    BEFORE TRUNCATE ON finance_profileaccount
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_profiles_gone_v1();
