-- Purpose: undo profiles_late_v2.sql. Inputs: the new row of a posting profile. Rows expected: none.
DROP TRIGGER finance_postingprofile_late ON finance_postingprofile;
DROP FUNCTION finance_refuse_early_profile_v2();

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
