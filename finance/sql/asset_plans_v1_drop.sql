-- Purpose: undo asset_plans_v1.sql.
DROP TRIGGER finance_assetplanline_no_truncate ON finance_assetplanline;
DROP TRIGGER finance_assetplan_no_truncate ON finance_assetplan;
DROP FUNCTION finance_refuse_plans_gone_v1();
DROP TRIGGER finance_assetplanline_frozen ON finance_assetplanline;
DROP FUNCTION finance_refuse_approved_plan_line_v1();
DROP TRIGGER finance_assetplan_preparer ON finance_assetplan;
DROP TRIGGER finance_assetplan_frozen ON finance_assetplan;
DROP FUNCTION finance_refuse_approved_plan_v1();
