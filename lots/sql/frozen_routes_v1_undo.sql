-- Purpose: let released versions of routes and bills be changed again. Rows expected: none.
DROP TRIGGER lots_bill_frozen ON lots_bill;
DROP TRIGGER lots_routeversion_frozen ON lots_routeversion;
DROP TRIGGER lots_billline_frozen ON lots_billline;
DROP TRIGGER lots_step_frozen ON lots_step;
DROP FUNCTION lots_refuse_frozen_version_v1();
DROP FUNCTION lots_refuse_frozen_line_v1();
DROP FUNCTION lots_refuse_frozen_step_v1();
