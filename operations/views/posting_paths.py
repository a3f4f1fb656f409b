"""Pages of what events are posted by: standard costs, and the rules of posting."""

from __future__ import annotations

from django.urls import path

from operations.views import costs, drafts, posting_rules, rollups

pages = [
    path("finance/costs", costs.CostListPage.as_view(), name="finance-costs"),
    path("finance/costs/import", costs.CostImportPage.as_view(), name="finance-cost-import"),
    path(
        "finance/costs/roll-up",
        rollups.AssumptionImportPage.as_view(),
        name="finance-assumption-import",
    ),
    path(
        "finance/costs/versions/<path:code>/roll-up",
        rollups.RollUpPage.as_view(),
        name="finance-cost-roll-up",
    ),
    path(
        "finance/costs/versions/<path:code>/assumptions.csv",
        rollups.AssumptionCsv.as_view(),
        name="finance-assumption-csv",
    ),
    path(
        "finance/costs/versions/<path:code>/approve",
        costs.CostApprovalPage.as_view(),
        name="finance-cost-approval",
    ),
    path(
        "finance/costs/versions/<path:code>/give-up",
        drafts.CostsGivenUp.as_view(),
        name="finance-cost-give-up",
    ),
    path(
        "finance/costs/versions/<path:code>/costs.csv",
        costs.CostCsv.as_view(),
        name="finance-cost-csv",
    ),
    path(
        "finance/costs/versions/<path:code>",
        costs.CostVersionPage.as_view(),
        name="finance-cost-version",
    ),
    path(
        "finance/posting-table",
        posting_rules.PostingTablePage.as_view(),
        name="finance-posting-table",
    ),
    path(
        "finance/posting-rules",
        posting_rules.RulesListPage.as_view(),
        name="finance-posting-rules",
    ),
    path(
        "finance/posting-rules/versions/<path:code>/approve",
        posting_rules.RulesApproval.as_view(),
        name="finance-posting-rules-approval",
    ),
    path(
        "finance/posting-rules/versions/<path:code>/give-up",
        drafts.RulesGivenUp.as_view(),
        name="finance-posting-rules-give-up",
    ),
    path(
        "finance/posting-rules/versions/<path:code>",
        posting_rules.RulesPage.as_view(),
        name="finance-posting-rules-version",
    ),
]
