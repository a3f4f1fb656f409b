from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from lots.models import Event
from lots.tests.making import again, wafer_lot
from quality.models import Disposition
from quality.tests.deciding import held_issue, proposed, signer

pytestmark = pytest.mark.usefixtures("rules")

BODY = {"kind": "scrap", "lot": "W1", "reason": "edge dies only", "wafers": [2]}
ALL = ["view_disposition", "propose_disposition", "sign_disposition", "carry_out_disposition"]


def client_of(name: str, *rights: str, role: str = "") -> APIClient:
    client = APIClient()
    client.force_login(signer(name, role, *rights))
    return client


def propose(client: APIClient, key: str = "k", **changes: Any) -> Any:
    body = {**BODY, **changes}
    return client.post(
        "/api/v1/issues/Q-000001/dispositions", body, format="json", HTTP_IDEMPOTENCY_KEY=key
    )


def act(client: APIClient, number: str, name: str, note: str = "", key: str = "") -> Any:
    return client.post(
        f"/api/v1/dispositions/{number}/actions",
        {"act": name, "note": note},
        format="json",
        HTTP_IDEMPOTENCY_KEY=key or name,
    )


def listed(client: APIClient, **query: str) -> list[str]:
    answer = client.get("/api/v1/dispositions", query)
    assert answer.status_code == 200, answer.json()
    return [row["number"] for row in answer.json()["results"]]


def test_disposition_goes_through_its_life() -> None:
    lot = held_issue().lot
    assert lot is not None
    answer = propose(client_of("ann", *ALL))
    assert answer.status_code == 201, answer.json()
    number = answer.json()["number"]
    assert answer.json()["signatures"][0]["role"] == "Quality"
    ben = client_of("ben", *ALL, role="Quality")
    assert act(ben, number, "sign", "seen").json()["state"] == "signed"
    body = act(ben, number, "carry-out").json()
    assert (body["state"], body["ended_by"]) == ("carried-out", "ben")
    assert again(lot).quantity == 2


def test_repeated_key_gets_the_first_answer_and_other_words_a_conflict() -> None:
    held_issue()
    ann = client_of("ann", *ALL)
    assert propose(ann).json() == propose(ann).json()
    assert Disposition.objects.count() == 1
    assert propose(ann, reason="another").status_code == 409


def test_carrying_out_twice_is_done_once() -> None:
    held_issue()
    number = propose(client_of("ann", *ALL)).json()["number"]
    ben = client_of("ben", *ALL, role="Quality")
    act(ben, number, "sign")
    assert act(ben, number, "carry-out").json() == act(ben, number, "carry-out").json()
    assert act(ben, number, "carry-out", key="other").status_code == 422
    assert Event.objects.filter(verb="scrap").count() == 1


def test_every_act_asks_for_a_key() -> None:
    number = proposed(held_issue()).number
    client = client_of("ben", *ALL, role="Quality")
    body = {"act": "sign"}
    answer = client.post(f"/api/v1/dispositions/{number}/actions", body, format="json")
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("sign", "sign_disposition"),
        ("refuse", "sign_disposition"),
        ("withdraw", "propose_disposition"),
        ("carry-out", "carry_out_disposition"),
    ],
)
def test_every_act_asks_for_its_right(name: str, right: str) -> None:
    number = proposed(held_issue()).number
    client = client_of("eve", *(one for one in ALL if one != right), role="Quality")
    answer = act(client, number, name, "why")
    assert answer.status_code == 403
    assert right in answer.json()["detail"]


def test_proposing_asks_for_its_right() -> None:
    held_issue()
    assert propose(client_of("eve", "view_disposition")).status_code == 403


def test_proposer_cannot_sign_and_others_refuse_with_a_reason() -> None:
    number = proposed(held_issue()).number
    assert act(client_of("ann", *ALL), number, "sign").json()["code"] == "forbidden"
    ben = client_of("ben", *ALL, role="Quality")
    assert act(ben, number, "refuse", " ").status_code == 400
    body = act(ben, number, "refuse", "not proven", key="second").json()
    assert (body["state"], body["end_note"]) == ("refused", "not proven")


def test_withdrawn_by_who_proposed_it() -> None:
    number = proposed(held_issue()).number
    ann = client_of("ann", *ALL)
    assert act(ann, number, "withdraw", "no need").json()["state"] == "withdrawn"


def test_list_is_narrowed() -> None:
    first = proposed(held_issue()).number
    second = proposed(held_issue(wafer_lot("W2", step="CP1")), "scrap", lot="W2").number
    ben = client_of("ben", *ALL, role="Quality")
    dan = client_of("dan", *ALL, role="Finance")
    assert listed(ben) == [second, first]
    assert listed(ben, lot="W1") == [first]
    assert listed(ben, issue="Q-000002", kind="scrap", state="proposed") == [second]
    assert listed(ben, waits_for_me="true") == [second, first]
    assert listed(dan, waits_for_me="true") == [second]
    assert listed(dan, waits_for_me="false") == [first]


def test_detail_shows_signatures_and_unknown_numbers_are_missing() -> None:
    number = proposed(held_issue()).number
    reader = client_of("eve", "view_disposition")
    body = reader.get(f"/api/v1/dispositions/{number}").json()
    assert [one["person"] for one in body["signatures"]] == [None, None]
    assert reader.get("/api/v1/dispositions/D-999999").status_code == 404


def test_words_that_nobody_reads_are_refused() -> None:
    held_issue()
    ann = client_of("ann", *ALL)
    assert propose(ann, colour="red").status_code == 400
    assert propose(ann, to="TSMC").json()["detail"] == "scrap takes no to."
