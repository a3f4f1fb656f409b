-- Purpose: undo revaluations_v1.sql.
DROP TRIGGER finance_revaluationline_no_truncate ON finance_revaluationline;
DROP TRIGGER finance_revaluation_no_truncate ON finance_revaluation;
DROP TRIGGER finance_revaluationline_kept ON finance_revaluationline;
DROP TRIGGER finance_revaluation_kept ON finance_revaluation;
