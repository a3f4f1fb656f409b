-- Purpose: a period begins open. It closes after all before it, at the ledger's last line, with all that happened by its
--          end posted and nothing waiting for approval, and with its first version. Disputes, reconciliation and open
--          issues are looked at by the service alone. Who prepared it is a CHECK of its table.
-- Inputs: the new row. Rows expected: none.
CREATE FUNCTION finance_refuse_bare_close_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head record;
    ended_at timestamptz;
    open_one text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' THEN
            RAISE EXCEPTION 'period % begins open', NEW.code USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    -- A poster holds it while it works.
    PERFORM FROM finance_follower FOR SHARE;
    SELECT min(code) INTO open_one FROM finance_period
        WHERE starts_on < NEW.starts_on AND state <> 'closed';
    IF open_one IS NOT NULL THEN
        RAISE EXCEPTION 'close % first: periods close in order', open_one USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT coalesce(max(seq), 0) AS seq, coalesce(max(sha256), repeat('0', 64)) AS sha256 INTO head
        FROM finance_ledgerhead;
    IF (NEW.closed_seq, NEW.closed_sha256) IS DISTINCT FROM (head.seq, head.sha256) THEN
        RAISE EXCEPTION 'period % closes at line %, where the ledger ends', NEW.code, head.seq
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT (NEW.ends_on + 1)::timestamp AT TIME ZONE time_zone INTO ended_at FROM finance_entity;
    IF EXISTS (
        SELECT FROM lots_event WHERE occurred_at < ended_at
            AND seq > (SELECT coalesce(max(seq), 0) FROM finance_follower)
    ) OR EXISTS (
        SELECT FROM finance_postinggap AS gap JOIN lots_event AS event ON event.id = gap.event_id
        WHERE gap.closed_at IS NULL AND event.occurred_at < ended_at
    ) THEN
        RAISE EXCEPTION 'period % has events that are not posted', NEW.code USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM finance_costversion WHERE approved_at IS NULL AND effective_on <= NEW.ends_on
        UNION ALL SELECT FROM finance_writedown WHERE approved_at IS NULL AND effective_on <= NEW.ends_on
        UNION ALL SELECT FROM finance_invoice WHERE approved_at IS NULL AND effective_on <= NEW.ends_on
        UNION ALL SELECT FROM finance_revaluation WHERE approved_at IS NULL AND effective_on <= NEW.ends_on
    ) THEN
        RAISE EXCEPTION 'period % has costs or documents that wait for approval', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER finance_period_begins
    BEFORE INSERT ON finance_period
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_bare_close_v1();
CREATE TRIGGER finance_period_closes
    BEFORE UPDATE ON finance_period
    FOR EACH ROW WHEN (OLD.state = 'soft-closed' AND NEW.state = 'closed')
    EXECUTE FUNCTION finance_refuse_bare_close_v1();

CREATE FUNCTION finance_refuse_close_without_version_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM finance_periodclose AS close
        WHERE close.period = NEW.code AND close.version = 1 AND close.approved_by_id = NEW.approved_by_id
            AND (close.seq, close.sha256) = (NEW.closed_seq, NEW.closed_sha256)
    ) THEN
        RAISE EXCEPTION 'period % closes with its first version', NEW.code USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER finance_period_told
    AFTER UPDATE ON finance_period
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.state = 'soft-closed' AND NEW.state = 'closed')
    EXECUTE FUNCTION finance_refuse_close_without_version_v1();
