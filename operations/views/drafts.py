from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.models import AssetPlan, CostVersion, PostingRules
from finance.selectors.asset_plans import asset_plan
from finance.selectors.costs import cost_version
from finance.selectors.rules import rules_by_code
from finance.services import give_up_draft
from finance.services.asset_plans import PREPARE as PREPARE_PLANS
from finance.services.cost_import import RIGHT as PREPARE_COSTS
from operations.views.asset_plans import PlanPage
from operations.views.books import BooksPage
from operations.views.costs import CostVersionPage
from operations.views.posting_rules import PREPARE as PREPARE_RULES
from operations.views.posting_rules import RulesPage
from supplychain.base.errors import SupplychainError


class GivenUp(BooksPage, ABC):
    """Gives up the draft that the page shows, whoever prepared it; only by posting.

    listed_at: name of the page to go on to.
    """

    http_method_names = ["post"]
    listed_at: ClassVar[str]

    @abstractmethod
    def draft(self) -> Any:
        """What the address names."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        draft = self.draft()
        try:
            give_up_draft(draft=draft, actor=self.person)
        except SupplychainError as error:
            return self.render_to_response(self.get_context_data(error=error), status=error.status)
        messages.success(request, f"{draft.code} is given up; nothing was posted by it.")
        return HttpResponseRedirect(reverse(self.listed_at))


class CostsGivenUp(GivenUp, CostVersionPage):
    """A version of standard costs."""

    right: ClassVar[str] = PREPARE_COSTS
    listed_at = "operations:finance-costs"

    def draft(self) -> CostVersion:
        return cost_version(self.kwargs["code"])


class RulesGivenUp(GivenUp, RulesPage):
    """A version of the reasons of scrap."""

    right: ClassVar[str] = PREPARE_RULES
    listed_at = "operations:finance-posting-rules"

    def draft(self) -> PostingRules:
        return rules_by_code(self.kwargs["code"])


class PlanGivenUp(GivenUp, PlanPage):
    """A plan of assets."""

    right: ClassVar[str] = PREPARE_PLANS
    listed_at = "operations:finance-asset-plans"

    def draft(self) -> AssetPlan:
        return asset_plan(self.kwargs["code"])
