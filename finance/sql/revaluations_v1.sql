-- Purpose: a revaluation comes under the guards of documents (documents_v1.sql); neither it nor its lines are emptied.
-- Inputs: the new or old row. Rows expected: none.
CREATE TRIGGER finance_revaluation_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_revaluation
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_document_change_v1('revaluation');
CREATE TRIGGER finance_revaluationline_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_revaluationline
    FOR EACH ROW
    EXECUTE FUNCTION finance_refuse_document_line_change_v1('revaluation', 'finance_revaluation', 'revaluation_id');
CREATE TRIGGER finance_revaluation_no_truncate
    BEFORE TRUNCATE ON finance_revaluation
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
CREATE TRIGGER finance_revaluationline_no_truncate
    BEFORE TRUNCATE ON finance_revaluationline
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
