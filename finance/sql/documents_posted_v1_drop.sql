-- Purpose: takes documents_posted_v1.sql back.
-- Inputs: none. Rows expected: none.
DROP TRIGGER finance_writedown_posted ON finance_writedown;
DROP TRIGGER finance_invoice_posted ON finance_invoice;
DROP TRIGGER finance_revaluation_posted ON finance_revaluation;
DROP FUNCTION finance_refuse_unposted_document_v1();
