-- Purpose: a disposition is decided by others than who proposed it, in the order of its life, and never rewritten.
-- Inputs: none. Rows: none. Reverse: dispositions_v1_drop.sql.

CREATE FUNCTION quality_guard_disposition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open_columns text[] := ARRAY['state', 'ended_by_id', 'ended_at', 'end_note'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'a disposition begins as proposed, not as %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_disposition_life';
        END IF;
        RETURN NEW;
    END IF;
    IF TO_JSONB(NEW) - open_columns <> TO_JSONB(OLD) - open_columns THEN
        RAISE EXCEPTION 'disposition % is frozen; withdraw it and propose anew', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'quality_disposition_frozen';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('proposed', 'signed'), ('proposed', 'refused'), ('proposed', 'withdrawn'),
        ('signed', 'carried-out'), ('signed', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'disposition % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_disposition_life';
    END IF;
    IF NEW.state = 'signed' AND (
        NOT EXISTS (SELECT FROM quality_signature WHERE disposition_id = OLD.id)
        OR EXISTS (
            SELECT FROM quality_signature
            WHERE disposition_id = OLD.id AND (person_id IS NULL OR is_refusal)
        )
    ) THEN
        RAISE EXCEPTION 'disposition % lacks signatures', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_disposition_signed';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER quality_disposition_guard
    BEFORE INSERT OR UPDATE ON quality_disposition
    FOR EACH ROW EXECUTE FUNCTION quality_guard_disposition();

CREATE TRIGGER quality_disposition_no_delete
    BEFORE DELETE ON quality_disposition
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_disposition_no_truncate
    BEFORE TRUNCATE ON quality_disposition
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();

CREATE FUNCTION quality_guard_signature() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paper quality_disposition%ROWTYPE;
BEGIN
    SELECT * INTO paper FROM quality_disposition WHERE id = NEW.disposition_id;
    IF TG_OP = 'UPDATE' AND (
        OLD.person_id IS NOT NULL
        OR (NEW.disposition_id, NEW.role_id) IS DISTINCT FROM (OLD.disposition_id, OLD.role_id)
    ) OR paper.state <> 'proposed' THEN
        RAISE EXCEPTION 'signatures of disposition % stand as they are', paper.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'quality_signature_frozen';
    END IF;
    IF NEW.person_id = paper.proposed_by_id THEN
        RAISE EXCEPTION 'disposition % is not signed by who proposed it', paper.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_signature_not_own';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER quality_signature_guard
    BEFORE INSERT OR UPDATE ON quality_signature
    FOR EACH ROW EXECUTE FUNCTION quality_guard_signature();

CREATE TRIGGER quality_signature_no_delete
    BEFORE DELETE ON quality_signature
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_signature_no_truncate
    BEFORE TRUNCATE ON quality_signature
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_dispositionact_append_only
    BEFORE UPDATE OR DELETE ON quality_dispositionact
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_dispositionact_no_truncate
    BEFORE TRUNCATE ON quality_dispositionact
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();
