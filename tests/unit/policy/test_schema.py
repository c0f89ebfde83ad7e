# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema is that of the grammar and the vocabulary, and lies beside the pages (POL-60)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from privity.canonical.encode import encode_pretty
from privity.policy import grammar
from privity.policy.schema import json_schema
from privity.vocabulary.terms import CATEGORIES, OBLIGATIONS, PURPOSES, ROLES


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(encode_pretty(json_schema()))
    return made


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in the schema."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from parts(value)


def test_the_schema_on_the_pages_is_the_one_that_is_made(repository: Path) -> None:
    page = (repository / "docs" / "policy.schema.json").read_text(encoding="utf-8")
    assert page == encode_pretty(json_schema()), (
        "privity policy schema > docs/policy.schema.json"
    )


def test_its_keys_are_those_of_the_grammar(schema: dict[str, Any]) -> None:
    """POL-60."""
    assert tuple(schema["required"]) == tuple(
        sorted(schema["required"], key=grammar.POLICY.required.index)
    )
    assert set(schema["properties"]) == set(grammar.POLICY.all)
    setting = schema["$defs"]["setting"]
    assert set(setting["properties"]) == set(grammar.SETTING.all)
    assert set(setting["required"]) == set(grammar.SETTING.required)


def test_its_terms_are_those_of_the_vocabulary(schema: dict[str, Any]) -> None:
    """POL-60."""
    for name, known in (("purpose", PURPOSES), ("category", CATEGORIES), ("role", ROLES)):
        assert [one["const"] for one in schema["$defs"][name]["oneOf"]] == list(known)
    asked = schema["properties"]["obligations"]["items"]["properties"]["do"]
    assert [one["const"] for one in asked["items"]["oneOf"]] == list(OBLIGATIONS)
    assert asked["minItems"] == 1


def test_every_mapping_is_closed_and_every_key_explained(schema: dict[str, Any]) -> None:
    for part in parts(schema):
        if part.get("type") == "object":
            assert "additionalProperties" in part
        if "properties" in part and isinstance(part.get("properties"), dict):
            assert all("description" in one for one in part["properties"].values())


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    for part in parts(schema):
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"]


def test_the_policies_of_the_vectors_are_valid(
    schema: dict[str, Any], repository: Path
) -> None:
    """POL-60."""
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    vectors = json.loads((repository / "tests" / "vectors" / "decide.json").read_bytes())
    for vector in vectors:
        for made in vector["policies"]:
            assert [error.message for error in validator.iter_errors(made)] == []
