-- Purpose: a document is approved only with the transaction that it posts: what posts writes the lines first.
-- Inputs: the new row; what a document is called, as its op_keys begin. Rows expected: none.
CREATE FUNCTION finance_refuse_unposted_document_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM finance_ledgerentry AS entry
        WHERE entry.transaction = NEW.transaction
            AND starts_with(entry.op_key, TG_ARGV[0] || ':' || NEW.id || ':')
    ) THEN
        RAISE EXCEPTION '% % posts no transaction %', TG_ARGV[0], NEW.id, NEW.transaction
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER finance_writedown_posted
    AFTER UPDATE ON finance_writedown
    FOR EACH ROW WHEN (OLD.approved_by_id IS NULL AND NEW.approved_by_id IS NOT NULL)
    EXECUTE FUNCTION finance_refuse_unposted_document_v1('write-down');
CREATE TRIGGER finance_invoice_posted
    AFTER UPDATE ON finance_invoice
    FOR EACH ROW WHEN (OLD.approved_by_id IS NULL AND NEW.approved_by_id IS NOT NULL)
    EXECUTE FUNCTION finance_refuse_unposted_document_v1('invoice');
CREATE TRIGGER finance_revaluation_posted
    AFTER UPDATE ON finance_revaluation
    FOR EACH ROW WHEN (OLD.approved_by_id IS NULL AND NEW.approved_by_id IS NOT NULL)
    EXECUTE FUNCTION finance_refuse_unposted_document_v1('revaluation');
