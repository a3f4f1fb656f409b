from testing.selectors.burnin import (
    BurnInHours,
    LotFallout,
    burn_in_fallout,
    burn_in_hours,
    burn_in_proof,
)
from testing.selectors.conflicts import (
    insertions_in_conflict,
    listed_conflicts,
    sessions_in,
    wafer_codes,
)
from testing.selectors.counting import that_count
from testing.selectors.counts import BinCount, LotStepCount, Scope, hard_bin_counts, lot_step_counts
from testing.selectors.coverage import Coverage, coverage_of_lots, results_missing
from testing.selectors.heads import heads_of, with_heads
from testing.selectors.maps import (
    DiePosition,
    DieResult,
    StackedDie,
    die_positions,
    stacked_map,
    wafer_map,
)
from testing.selectors.oven_logs import LoadProof, load_proof
from testing.selectors.policies import listed_retest_rules, rule_in_force, rules_valid
from testing.selectors.programs import listed_programs, listed_revisions
from testing.selectors.readings import (
    Insertions,
    ParameterReadings,
    readings,
    readings_of_results,
    readings_of_test,
    readings_of_unit,
    same_test_ids,
    summaries_by_site,
)
from testing.selectors.releases import ran_unreleased
from testing.selectors.restatements import (
    COUNT_FIELDS,
    Restated,
    listed_restatements,
    policy_figures,
    restatements,
)
from testing.selectors.run_parameters import RunCount, RunParameters, run_counts, run_parameters
from testing.selectors.runs import (
    RunFigures,
    distinct_unit_count,
    own_limits,
    results_of_unit,
    run_figures,
    run_named,
    runs,
)
from testing.selectors.suspects import TouchedMaterial, burned_in, tested_on

__all__ = [
    "COUNT_FIELDS",
    "BinCount",
    "BurnInHours",
    "Coverage",
    "DiePosition",
    "DieResult",
    "Insertions",
    "LoadProof",
    "LotFallout",
    "LotStepCount",
    "ParameterReadings",
    "Restated",
    "RunCount",
    "RunFigures",
    "RunParameters",
    "Scope",
    "StackedDie",
    "TouchedMaterial",
    "burn_in_fallout",
    "burn_in_hours",
    "burn_in_proof",
    "burned_in",
    "coverage_of_lots",
    "die_positions",
    "distinct_unit_count",
    "hard_bin_counts",
    "heads_of",
    "insertions_in_conflict",
    "listed_conflicts",
    "listed_programs",
    "listed_restatements",
    "listed_retest_rules",
    "listed_revisions",
    "load_proof",
    "lot_step_counts",
    "own_limits",
    "policy_figures",
    "ran_unreleased",
    "readings",
    "readings_of_results",
    "readings_of_test",
    "readings_of_unit",
    "restatements",
    "results_missing",
    "results_of_unit",
    "rule_in_force",
    "rules_valid",
    "run_counts",
    "run_figures",
    "run_named",
    "run_parameters",
    "runs",
    "same_test_ids",
    "sessions_in",
    "stacked_map",
    "summaries_by_site",
    "tested_on",
    "that_count",
    "wafer_codes",
    "wafer_map",
    "with_heads",
]
