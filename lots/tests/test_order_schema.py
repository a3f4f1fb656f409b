"""The description of the API tells each verb's body, from the serializers that check it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no types

from lots.api.building import STARTS, Start
from lots.api.orders import ORDERS, Order

BODIES: dict[str, Mapping[str, Order | Start]] = {
    "LotOrderRequest": ORDERS,
    "LotStartRequest": STARTS,
}
EACH = [(body, str(verb)) for body, orders in BODIES.items() for verb in orders]


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())["components"]["schemas"]
    return found


def told(schemas: dict[str, Any], body: str, verb: str) -> dict[str, Any]:
    name = schemas[body]["discriminator"]["mapping"][verb].rpartition("/")[2]
    found: dict[str, Any] = schemas[name]
    return found


def checker(schemas: dict[str, Any], name: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    )


@pytest.mark.parametrize("body", BODIES)
def test_every_verb_has_a_body_of_its_own(body: str, schemas: dict[str, Any]) -> None:
    mapping = schemas[body]["discriminator"]["mapping"]
    assert schemas[body]["discriminator"]["propertyName"] == "verb"
    assert list(mapping) == [str(verb) for verb in BODIES[body]]
    assert {one["$ref"] for one in schemas[body]["oneOf"]} == set(mapping.values())
    assert len(set(mapping.values())) == len(mapping)


@pytest.mark.parametrize(("body", "verb"), EACH)
def test_a_body_is_closed_and_says_what_each_field_is(
    body: str, verb: str, schemas: dict[str, Any]
) -> None:
    found = told(schemas, body, verb)
    assert found["properties"]["verb"] == {"type": "string", "const": verb}
    assert found["additionalProperties"] is False
    silent = [name for name, one in found["properties"].items() if not one.get("description")]
    assert silent == ["verb"]


@pytest.mark.parametrize(("body", "verb"), EACH)
def test_a_body_asks_for_what_its_serializer_asks(
    body: str, verb: str, schemas: dict[str, Any]
) -> None:
    found, fields = told(schemas, body, verb), BODIES[body][verb].serializer().fields
    assert set(found["properties"]) == set(fields)
    assert set(found["required"]) == {name for name, one in fields.items() if one.required}


@pytest.mark.parametrize(("body", "verb"), EACH)
def test_its_example_is_taken_as_that_verb_and_no_other(
    body: str, verb: str, schemas: dict[str, Any]
) -> None:
    (example,) = told(schemas, body, verb)["examples"]
    assert BODIES[body][verb].serializer(data=example).is_valid(raise_exception=True)
    assert list(checker(schemas, body).iter_errors(example)) == []
    others = [one for one in BODIES[body] if str(one) != verb]
    names = [schemas[body]["discriminator"]["mapping"][str(one)] for one in others]
    assert not any(checker(schemas, name.rpartition("/")[2]).is_valid(example) for name in names)


@pytest.mark.parametrize(
    "wrong",
    [
        {"to_step": "CP1", "lots": ["W1"]},
        {"to_step": 7},
        {"reported_quantity": 3},
        {"to_step": "CP1", "reported_quantity": -1},
    ],
)
def test_the_description_refuses_what_the_serializer_refuses(
    wrong: dict[str, Any], schemas: dict[str, Any]
) -> None:
    body = {"verb": "move", "occurred_at": "2026-03-02T09:30:00Z", **wrong}
    assert not checker(schemas, "LotOrderRequest").is_valid(body)


def test_counts_say_their_unit_and_places_theirs(schemas: dict[str, Any]) -> None:
    quantity = told(schemas, "LotOrderRequest", "split")["properties"]["quantity"]
    assert "unit of measure" in quantity["description"]
    assert "die steps" in schemas["DieRequest"]["properties"]["x"]["description"]
