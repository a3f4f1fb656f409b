-- Purpose: let approved waivers be changed again. Rows expected: none.
DROP TRIGGER lots_waiveruse_append_only ON lots_waiveruse;
DROP TRIGGER lots_waiver_frozen ON lots_waiver;
DROP FUNCTION lots_refuse_frozen_waiver_v1();
