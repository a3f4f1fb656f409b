"""Whatever a program asks, and in whatever order: no 5xx, and every refusal is a problem."""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, Phase, given, settings
from knox.models import AuthToken
from schemathesis import GenerationMode

from tests.acceptance.line.conftest import Line
from tests.test_api_schema import api, one_connection

__all__ = ["one_connection"]

log = logging.getLogger(__name__)

MALFORMED = int(os.environ.get("MALFORMED", "400"))
CHAINS = int(os.environ.get("CHAINS", "10"))
STEPS = 12
QUIET = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PROBLEM = "application/problem+json"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]


@pytest.fixture
def headers(line: Line, db: None) -> dict[str, str]:
    person = User.objects.get(username="Administrator")
    return {"Authorization": f"Bearer {AuthToken.objects.create(person)[1]}"}


def judged(answer: Any) -> int:
    """The status. AssertionError for a 5xx, and for a refusal that is no problem."""
    asked = f"{answer.request.method} {answer.request.url} {answer.request.body!r}"[:600]
    assert answer.status_code < 500, f"{answer.status_code} to {asked}"
    kinds = answer.headers.get("content-type", [""])
    assert answer.status_code < 400 or kinds == [PROBLEM], f"{kinds} to {asked}"
    return int(answer.status_code)


def test_malformed_requests_are_problems(headers: dict[str, str]) -> None:
    told: Counter[int] = Counter()

    @given(case=api.as_strategy(GenerationMode.NEGATIVE))
    @settings(QUIET, max_examples=MALFORMED)
    def ask(case: Any) -> None:
        told[judged(case.call(headers=headers))] += 1

    ask()
    refused = sum(count for status, count in told.items() if status >= 400)
    assert told.total() >= MALFORMED
    assert refused > told.total() / 2, told
    log.info("malformed requests by status: %s", dict(sorted(told.items())))


def test_chains_of_requests_are_answered(headers: dict[str, str]) -> None:
    told: Counter[int] = Counter()

    class Chain(api.as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            told[judged(response)] += 1

    Chain.run(settings=settings(QUIET, max_examples=CHAINS, stateful_step_count=STEPS))
    assert told[200], told
    log.info("requests of chains by status: %s", dict(sorted(told.items())))
