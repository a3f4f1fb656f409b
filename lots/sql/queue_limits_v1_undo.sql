-- Purpose: let queue-time limits be written freely again. Rows expected: none.
DROP TRIGGER lots_routeversion_limits ON lots_routeversion;
DROP TRIGGER lots_queuelimit_frozen ON lots_queuelimit;
DROP FUNCTION lots_refuse_odd_limits_v1();
DROP FUNCTION lots_refuse_odd_limit_v1();
