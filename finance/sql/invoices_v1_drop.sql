-- Purpose: undo invoices_v1.sql.
DROP TRIGGER finance_invoiceline_no_truncate ON finance_invoiceline;
DROP TRIGGER finance_invoice_no_truncate ON finance_invoice;
DROP TRIGGER finance_invoiceline_kept ON finance_invoiceline;
DROP TRIGGER finance_invoice_kept ON finance_invoice;
