"""Which sign and tone stands beside each state, so that colour is never the only one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """icon: name of a Material symbol. tone: plain, good, note, warn or bad."""

    icon: str
    tone: str


PLAIN = Sign("circle", "plain")
SIGNS = {
    # issues
    "critical": Sign("error", "bad"),
    "major": Sign("warning", "bad"),
    "minor": Sign("report", "warn"),
    "information": Sign("info", "note"),
    "open": Sign("flag", "warn"),
    "acknowledged": Sign("visibility", "note"),
    "investigating": Sign("search", "note"),
    "resolved": Sign("check_circle", "good"),
    "verified": Sign("verified", "good"),
    "dismissed": Sign("do_not_disturb_on", "plain"),
    "merged": Sign("call_merge", "plain"),
    # dispositions
    "proposed": Sign("pending", "warn"),
    "signed": Sign("draw", "note"),
    "carried-out": Sign("task_alt", "good"),
    "refused": Sign("block", "bad"),
    "withdrawn": Sign("undo", "plain"),
    # telling people
    "sent": Sign("outgoing_mail", "good"),
    "paused": Sign("pause_circle", "plain"),
    # recalls
    "closed": Sign("check_circle", "good"),
    "exposed": Sign("warning", "bad"),
    "settled": Sign("task_alt", "good"),
    # periods and exports
    "soft-closed": Sign("lock_clock", "note"),
    "restated": Sign("edit_calendar", "note"),
    # assets
    "under-construction": Sign("construction", "note"),
    "in-service": Sign("dns", "good"),
    # lots and units
    "active": Sign("play_circle", "note"),
    "shipped": Sign("local_shipping", "plain"),
    "banked": Sign("inventory_2", "plain"),
    "finished": Sign("task_alt", "good"),
    "scrapped": Sign("delete", "bad"),
    "hold": Sign("front_hand", "warn"),
    "hot": Sign("bolt", "warn"),
    "pilot": Sign("flight_takeoff", "plain"),
    "late": Sign("schedule", "bad"),
    "good": Sign("check", "good"),
    "reject": Sign("close", "bad"),
    "declared": Sign("help", "warn"),
    "seen": Sign("verified", "good"),
    "engineering": Sign("biotech", "note"),
    "risk-production": Sign("report", "warn"),
    # tests
    "pass": Sign("check", "good"),
    "fail": Sign("close", "bad"),
    "error": Sign("error", "bad"),
    "timeout": Sign("timer_off", "warn"),
    "aborted": Sign("block", "warn"),
    "unset": Sign("remove", "plain"),
    "released": Sign("check_circle", "good"),
    "unreleased": Sign("pending", "warn"),
    "limits-differ": Sign("difference", "warn"),
    "retired": Sign("archive", "plain"),
    "draft": Sign("edit", "plain"),
    "partial": Sign("content_cut", "warn"),
    "short": Sign("hourglass_bottom", "warn"),
    # identities and what changed figures
    "different": Sign("call_split", "good"),
    # identities of units
    "undisputed": Sign("fingerprint", "good"),
    "counted": Sign("call_split", "warn"),
    "conflicting": Sign("call_split", "warn"),
    "first": Sign("fiber_new", "plain"),
    "more": Sign("add", "plain"),
    "repair": Sign("build", "note"),
    "copy": Sign("content_copy", "plain"),
    "policy": Sign("rule", "warn"),
    "identity": Sign("call_merge", "warn"),
    "taken-back": Sign("undo", "warn"),
    "matched-anew": Sign("published_with_changes", "warn"),
    "in-force": Sign("check_circle", "good"),
    "coming": Sign("schedule", "note"),
    "superseded": Sign("archive", "plain"),
    # a file's own counts
    "agrees": Sign("check", "good"),
    "agrees-with-last": Sign("done_all", "good"),
    "differs": Sign("difference", "warn"),
    "not-stated": Sign("remove", "plain"),
    # bulk jobs
    "checking": Sign("progress_activity", "note"),
    "checked": Sign("preview", "warn"),
    "running": Sign("progress_activity", "note"),
    "done": Sign("check_circle", "good"),
    "cancelled": Sign("do_not_disturb_on", "plain"),
    "ready": Sign("check", "note"),
    "skipped": Sign("skip_next", "plain"),
    "as-one": Sign("join", "plain"),
    # files
    "received": Sign("inbox", "note"),
    "loading": Sign("progress_activity", "note"),
    "waiting": Sign("hourglass_empty", "warn"),
    "unmatched": Sign("person_search", "warn"),
    "matched": Sign("link", "good"),
    "changed": Sign("swap_horiz", "warn"),
    "lost": Sign("link_off", "bad"),
    "same": Sign("remove", "plain"),
    # results and burn-in
    "complete": Sign("task_alt", "good"),
    "missing": Sign("report", "bad"),
    "not-sampled": Sign("remove", "plain"),
    "suspect": Sign("warning", "bad"),
    # programs
    "added": Sign("add_circle", "note"),
    "removed": Sign("do_not_disturb_on", "bad"),
    "tightened": Sign("compress", "note"),
    "loosened": Sign("expand", "warn"),
    "moved": Sign("swap_horiz", "warn"),
    "units": Sign("straighten", "warn"),
    "verdict": Sign("rule", "bad"),
    "renamed": Sign("edit", "plain"),
    "loaded": Sign("check_circle", "good"),
    "rejected": Sign("cancel", "bad"),
    "duplicate": Sign("content_copy", "plain"),
    "failed": Sign("error", "bad"),
    "applied": Sign("check", "good"),
    "repeated": Sign("content_copy", "plain"),
    "quarantined": Sign("gpp_maybe", "bad"),
    "dropped": Sign("delete_sweep", "plain"),
    "arrived": Sign("check", "good"),
    "due": Sign("schedule", "note"),
    # waivers
    "requested": Sign("pending", "warn"),
    "approved": Sign("verified", "good"),
    "used-up": Sign("block", "plain"),
    "expired": Sign("timer_off", "plain"),
    "revoked": Sign("undo", "bad"),
}


def sign_of(word: str) -> Sign:
    """The sign of a state; a plain dot for a word not listed."""
    return SIGNS.get(word, PLAIN)


VERBS = {
    "opened": Sign("flag", "warn"),
    "found-again": Sign("replay", "warn"),
    "cleared": Sign("check", "good"),
    "assigned": Sign("person", "plain"),
    "acknowledged": Sign("visibility", "plain"),
    "investigating": Sign("search", "plain"),
    "commented": Sign("chat", "plain"),
    "planned": Sign("assignment_add", "plain"),
    "snoozed": Sign("snooze", "plain"),
    "verified": Sign("verified", "good"),
    "resolved": Sign("check_circle", "good"),
    "dismissed": Sign("do_not_disturb_on", "plain"),
    "reopened": Sign("undo", "warn"),
    "merged": Sign("call_merge", "plain"),
    "took-in": Sign("call_merge", "plain"),
    "separated": Sign("call_split", "warn"),
    "gave-back": Sign("call_split", "plain"),
    "attached": Sign("attach_file", "plain"),
    "file-withdrawn": Sign("undo", "plain"),
    "held": Sign("front_hand", "warn"),
    "hold-refused": Sign("block", "bad"),
    "proposed": Sign("gavel", "warn"),
    "signed": Sign("draw", "good"),
    "refused": Sign("block", "bad"),
    "withdrawn": Sign("undo", "plain"),
    "carried-out": Sign("task_alt", "good"),
    "receive": Sign("call_received", "good"),
    "move": Sign("arrow_forward", "plain"),
    "split": Sign("call_split", "plain"),
    "merge": Sign("call_merge", "plain"),
    "hold": Sign("front_hand", "warn"),
    "release": Sign("check", "good"),
    "scrap": Sign("delete", "bad"),
    "dice": Sign("grid_on", "plain"),
    "assemble": Sign("build", "plain"),
    "ship": Sign("local_shipping", "plain"),
    "track-in": Sign("login", "note"),
    "track-out": Sign("logout", "good"),
    "loss": Sign("remove", "bad"),
    "bonus": Sign("add", "good"),
    "rework-out": Sign("autorenew", "warn"),
    "rework-in": Sign("undo", "good"),
    "bank": Sign("inventory_2", "plain"),
    "unbank": Sign("inventory_2", "good"),
    "bin": Sign("arrow_downward", "plain"),
    "amend": Sign("edit_note", "plain"),
    "late-move": Sign("history_toggle_off", "plain"),
    "reroute": Sign("alt_route", "plain"),
    "swap": Sign("swap_horiz", "plain"),
    "reissue": Sign("published_with_changes", "warn"),
    "correct": Sign("history", "warn"),
}


def verb_sign(verb: str) -> Sign:
    """The sign of what happened to a lot."""
    return VERBS.get(verb, PLAIN)
