-- Purpose: take the ledger's guards away again. Inputs: none. Rows expected: none.
DROP TRIGGER lots_eventline_projected ON lots_eventline;
DROP TRIGGER lots_lot_projected ON lots_lot;
DROP TRIGGER lots_eventline_transferred ON lots_eventline;
DROP TRIGGER lots_eventline_balanced ON lots_eventline;
DROP TRIGGER lots_event_sequence ON lots_event;
DROP TRIGGER lots_eventline_no_truncate ON lots_eventline;
DROP TRIGGER lots_eventline_append_only ON lots_eventline;
DROP TRIGGER lots_event_no_truncate ON lots_event;
DROP TRIGGER lots_event_append_only ON lots_event;
DROP FUNCTION lots_check_projection_v1();
DROP FUNCTION lots_check_transfer_v1();
DROP FUNCTION lots_check_balance_v1();
DROP FUNCTION lots_check_sequence_v1();
DROP FUNCTION lots_refuse_change_v1();
