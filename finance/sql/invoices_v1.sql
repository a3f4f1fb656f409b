-- Purpose: an approved invoice and its lines never change, as documents_v1.sql says; history is not emptied.
-- Inputs: the new or old row. Rows expected: none.
CREATE TRIGGER finance_invoice_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_invoice
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_document_change_v1('invoice');
CREATE TRIGGER finance_invoiceline_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_invoiceline
    FOR EACH ROW
    EXECUTE FUNCTION finance_refuse_document_line_change_v1('invoice', 'finance_invoice', 'invoice_id');
CREATE TRIGGER finance_invoice_no_truncate
    BEFORE TRUNCATE ON finance_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
CREATE TRIGGER finance_invoiceline_no_truncate
    BEFORE TRUNCATE ON finance_invoiceline
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
