from intake.services.datalogs import datalog_lines, datalog_page
from intake.services.draining import drain, is_owed, retry_waiting
from intake.services.loading import load_file
from intake.services.mappings import sample_reading
from intake.services.matching import NewMatch
from intake.services.matching_by_hand import let_file_create_lots, match_file, retry_file
from intake.services.matching_many import ManyOutcome, match_files, retry_files
from intake.services.previewing import FilePreview, preview_file
from intake.services.receiving import Receipt, receive_file
from intake.services.registry import Feed, FeedContext, FeedItem, RejectedItem, register_feed
from intake.services.rematch_trial import (
    RematchTrial,
    TriedRun,
    match_many_anew,
    try_match_anew,
    try_match_many,
    try_take_back,
)
from intake.services.rematching import match_run_anew, take_back_run
from intake.services.row_decisions import drop_rows, repair_row, replay_rows
from intake.services.rule_trial import RuleTrial, try_rule

__all__ = [
    "Feed",
    "FeedContext",
    "FeedItem",
    "FilePreview",
    "ManyOutcome",
    "NewMatch",
    "Receipt",
    "RejectedItem",
    "RematchTrial",
    "RuleTrial",
    "TriedRun",
    "datalog_lines",
    "datalog_page",
    "drain",
    "drop_rows",
    "is_owed",
    "let_file_create_lots",
    "load_file",
    "match_file",
    "match_files",
    "match_many_anew",
    "match_run_anew",
    "preview_file",
    "receive_file",
    "register_feed",
    "repair_row",
    "replay_rows",
    "retry_file",
    "retry_files",
    "retry_waiting",
    "sample_reading",
    "take_back_run",
    "try_match_anew",
    "try_match_many",
    "try_rule",
    "try_take_back",
]
