-- Purpose: undo assumptions_v1.sql.
DROP TRIGGER finance_costassumption_frozen ON finance_costassumption;
