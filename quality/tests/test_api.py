from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from rest_framework.test import APIClient

from quality.models import Issue
from quality.services import acknowledge_issue, raise_findings
from quality.tests.building import NOW, bare_lot, finding, raised, rule

pytestmark = pytest.mark.usefixtures("rules")


def user_with(*rights: str, name: str = "reader") -> User:
    user = User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


@pytest.fixture
def reader() -> APIClient:
    client = APIClient()
    client.force_login(user_with("view_issue"))
    return client


@pytest.fixture
def quality_client() -> APIClient:
    rights = [
        "view",
        "acknowledge",
        "assign",
        "comment",
        "resolve",
        "dismiss",
        "reopen",
        "verify",
        "merge",
    ]
    client = APIClient()
    client.force_login(user_with(*(f"{right}_issue" for right in rights), name="qa"))
    return client


def act(client: APIClient, issue: Issue, **body: Any) -> Any:
    return client.post(f"/api/v1/issues/{issue.number}/actions", body, format="json")


def numbers(client: APIClient, **query: str) -> list[str]:
    answer = client.get("/api/v1/issues", query)
    assert answer.status_code == 200, answer.json()
    return [row["number"] for row in answer.json()["results"]]


def test_issues_are_listed_newest_first(reader: APIClient) -> None:
    raised("a")
    raised("b")
    assert numbers(reader) == ["Q-000002", "Q-000001"]


def test_list_is_narrowed_by_lot_state_and_rule(reader: APIClient) -> None:
    lot = bare_lot("A-1")
    raised("a", lot_id=lot.pk)
    raised("b")
    assert numbers(reader, lot="A-1") == ["Q-000001"]
    assert numbers(reader, state="resolved") == []
    assert numbers(reader, is_open="true", rule="yield-below-limit") == ["Q-000002", "Q-000001"]
    assert numbers(reader, is_open="false") == []


def test_an_issue_is_listed_for_every_lot_that_shows_its_cause(reader: APIClient) -> None:
    for code in ("A-1", "A-2"):
        raised("a", lot_id=bare_lot(code).pk, revision=code)
    raised("b", lot_id=bare_lot("A-3").pk)
    assert [numbers(reader, lot=code) for code in ("A-1", "A-2", "A-3", "A-4")] == [
        ["Q-000001"], ["Q-000001"], ["Q-000002"], [],
    ]  # fmt: skip


def test_unknown_parameter_is_refused(reader: APIClient) -> None:
    answer = reader.get("/api/v1/issues", {"sate": "open"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed"


def test_issue_shows_evidence_and_history(reader: APIClient) -> None:
    body = reader.get(f"/api/v1/issues/{raised().number}").json()
    assert body["evidence"]["statistic"] == "count"
    assert [event["kind"] for event in body["events"]] == ["opened"]


def test_issue_that_is_not_there_is_a_clear_problem(reader: APIClient) -> None:
    answer = reader.get("/api/v1/issues/Q-999999")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_stranger_sees_nothing() -> None:
    assert APIClient().get("/api/v1/issues").status_code in {401, 403}


def test_user_without_the_right_sees_nothing() -> None:
    client = APIClient()
    client.force_login(User.objects.create_user("nobody"))
    assert client.get("/api/v1/issues").status_code == 403


def test_reader_cannot_act(reader: APIClient) -> None:
    answer = act(reader, raised(), act="acknowledge")
    assert answer.status_code == 403
    assert Issue.objects.get().state == "open"


def test_issue_goes_through_its_whole_life(quality_client: APIClient) -> None:
    issue = raised()
    bodies: list[dict[str, Any]] = [
        {"act": "acknowledge", "note": "seen"},
        {"act": "investigate"},
        {"act": "assign", "owner": "qa"},
        {"act": "comment", "note": "card worn"},
        {"act": "resolve", "cause": "probe card", "note": "replaced"},
        {"act": "reopen", "note": "came back"},
        {"act": "assign", "owner": None},
        {"act": "dismiss", "note": "known"},
    ]
    states = [act(quality_client, issue, **body).json()["state"] for body in bodies]
    assert states == [
        "acknowledged", "investigating", "investigating", "investigating", "resolved", "open",
        "open", "dismissed",
    ]  # fmt: skip


def test_act_in_the_wrong_state_is_refused(quality_client: APIClient) -> None:
    answer = act(quality_client, raised(), act="reopen", note="why not")
    assert answer.status_code == 422
    assert answer.json()["code"] == "issue-move"


def test_unknown_owner_is_refused(quality_client: APIClient) -> None:
    assert act(quality_client, raised(), act="assign", owner="ghost").status_code == 404


def test_unknown_act_is_refused(quality_client: APIClient) -> None:
    assert act(quality_client, raised(), act="explode").status_code == 400


def test_list_needs_the_same_queries_for_any_length(
    reader: APIClient, django_assert_num_queries: Any
) -> None:
    lot = bare_lot("A-1")
    for number in range(5):
        raised(f"cause {number}", lot_id=lot.pk)
    with django_assert_num_queries(5):
        numbers(reader)


def test_detail_needs_the_same_queries_for_any_history(
    reader: APIClient, django_assert_num_queries: Any
) -> None:
    issue = raised()
    acknowledge_issue(issue=issue, actor=User.objects.create_user("qa2"))
    with django_assert_num_queries(6):
        reader.get(f"/api/v1/issues/{issue.number}")


def test_number_that_no_column_holds_is_refused(reader: APIClient) -> None:
    assert reader.get("/api/v1/issues/Q%00").status_code == 400


def test_filter_that_no_column_holds_is_refused(reader: APIClient) -> None:
    assert reader.get("/api/v1/issues?lot=a%00").status_code == 400


def test_an_issue_is_planned_put_off_and_verified(quality_client: APIClient) -> None:
    issue = raised()
    said = act(quality_client, issue, act="plan", containment="hold", check_on="2020-01-01").json()
    assert (said["containment"], said["check_on"]) == ("hold", "2020-01-01")
    assert act(quality_client, issue, act="snooze", note="x").status_code == 400
    until = (timezone.now() + timedelta(days=2)).isoformat()
    said = act(quality_client, issue, act="snooze", note="card ordered", until=until).json()
    assert said["snoozed_until"]
    act(quality_client, issue, act="resolve", note="done")
    own = act(quality_client, issue, act="verify", note="gone")
    assert (own.status_code, own.json()["code"]) == (403, "forbidden")
    other = APIClient()
    other.force_login(user_with("view_issue", "verify_issue", name="other"))
    assert act(other, issue, act="verify", note="gone").json()["state"] == "verified"


def test_issues_are_merged_and_separated(reader: APIClient, quality_client: APIClient) -> None:
    gone, kept = raised("a"), raised("b")
    assert act(reader, gone, act="merge", into=kept.number, note="one").status_code == 403
    assert act(quality_client, gone, act="merge", note="one").status_code == 400
    answer = act(quality_client, gone, act="merge", into=kept.number, note="one card")
    assert (answer.json()["state"], answer.json()["merged_into"]) == ("merged", kept.number)
    assert numbers(reader, merged_into=kept.number) == [gone.number]
    answer = act(quality_client, gone, act="separate", note="two cards")
    assert (answer.json()["state"], answer.json()["merged_into"]) == ("open", None)


def test_an_issue_is_due_on_a_day(quality_client: APIClient, reader: APIClient) -> None:
    issue = raised()
    answer = act(quality_client, issue, act="assign", owner="qa", due_on="2026-06-10")
    assert (answer.json()["owner"], answer.json()["due_on"]) == ("qa", "2026-06-10")
    assert numbers(reader, due_before="2026-06-11") == [issue.number]
    assert numbers(reader, due_before="2026-06-10") == []


def test_similar_issues_say_what_they_have_in_common(reader: APIClient) -> None:
    lot = bare_lot("A-1")
    before = raised("a", lot_id=lot.pk, step_id=lot.step_id)
    issue = raised("b", lot_id=lot.pk, step_id=lot.step_id)
    (found,) = reader.get(f"/api/v1/issues/{issue.number}/similar").json()
    assert found["number"] == before.number
    assert found["shared"] == ["the same rule", "step FT-HOT", "product TRN3"]


def test_an_issue_tells_the_lots_in_which_it_is_found_now(reader: APIClient) -> None:
    lots = [bare_lot(f"L-{number:02d}") for number in range(11)]
    seen = [finding("site", lot_id=lot.pk, revision=lot.code) for lot in lots]
    (issue,) = raise_findings(rule=rule("site-yield"), findings=seen, now=NOW)
    told = reader.get(f"/api/v1/issues/{issue.number}").json()
    assert told["found_in"] == [lot.code for lot in lots[:10]]
    assert told["found_count"] == 11
