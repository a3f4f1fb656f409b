-- Purpose: take the guards of holds and genealogy away again. Inputs: none. Rows expected: none.
DROP TRIGGER lots_holditem_no_truncate ON lots_holditem;
DROP TRIGGER lots_holditem_kept ON lots_holditem;
DROP TRIGGER lots_hold_no_truncate ON lots_hold;
DROP TRIGGER lots_hold_kept ON lots_hold;
DROP TRIGGER lots_genealogy_no_truncate ON lots_genealogy;
DROP TRIGGER lots_genealogy_only_closed ON lots_genealogy;
DROP TRIGGER lots_genealogy_checked ON lots_genealogy;
DROP TRIGGER lots_eventline_not_held ON lots_eventline;
DROP TRIGGER lots_event_not_held ON lots_event;
DROP FUNCTION lots_refuse_hold_change_v1();
DROP FUNCTION lots_refuse_edge_change_v1();
DROP FUNCTION lots_check_edges_v1();
DROP FUNCTION lots_unit_rank_v1(text);
DROP FUNCTION lots_refuse_held_giving_v1();
DROP FUNCTION lots_refuse_held_v1();
