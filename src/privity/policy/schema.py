# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of policy files, for editors (specs/policy.md part 7).

Made from the grammar and the vocabulary, so it cannot fall behind them. It is weaker than the reader on
purpose: it cannot know a policy's own groups. What the schema refuses the reader refuses too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from privity.policy import grammar
from privity.policy.grammar import Keys
from privity.vocabulary.places import GROUPS, codes
from privity.vocabulary.terms import CATEGORIES, OBLIGATION_LABELS, PURPOSES, ROLES, Tree

Schema = dict[str, object]

_INSTANT: Final[Schema] = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.0+)?(Z|[+-]\d{2}:\d{2})$",
    "description": "An instant with a zone and whole seconds, such as 2024-09-18T00:00:00Z.",
}
_DURATION: Final[Schema] = {
    "type": "string",
    "pattern": r"^P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)$",
}
_MEANINGS: Final[Mapping[str, str]] = {
    "policy": "The policy's stable name.",
    "version": "The version's name, in quotes; never used again.",
    "controller": "Whose policy it is.",
    "published_at": "When it was published; left out where a ledger says it.",
    "effective_at": "When it says that it takes effect; it starts no earlier than its publication.",
    "groups": "Lists of places under names of your own.",
    "settings": "The members' switches, by the id that facts use.",
    "notices": "What tells members of a use, by the id that facts use.",
    "agreements": "Contracts with members and what they promise, by the id that facts use.",
    "forbid": "Rules that refuse whatever members say.",
    "obligations": "What whoever gets a permitted record must do.",
    "parties": "Who is asked besides the author.",
    "copies": "What follows where a record has the text of a refused private message in it.",
    "label": "What the member reads.",
    "purposes": "What for.",
    "categories": "Which content.",
    "recipients": "Which roles of recipients.",
    "live_from": "When the switch first worked.",
    "exempt": "Where nothing is used.",
    "default": "What silence means: the first line that matches; no line is off.",
    "in": "Where the line holds; left out: everywhere.",
    "value": "What silence means there.",
    "explicit_only": "Categories that silence never covers.",
    "notice": "The notice that tells of the setting; without one it has reached nobody.",
    "objection_window": "How long after the notice's delivery silence is no yes yet: P30D.",
    "minimum_age": "In years.",
    "age_proof": "Refuse where the birth date is unknown.",
    "url": "Where the notice can be read.",
    "sha256": "The SHA-256 of the notice's text.",
    "languages": "The languages of the notice, such as en or pt-BR.",
    "promises": "What the agreement promises not to do; an empty list promises nothing.",
    "id": "The rule's name, for explanations.",
    "do": "What must be done.",
    "group-message": "Who of a group is asked: the author, or all.",
    "private-message": "What follows a copy of a whole text.",
    "passages": "What follows a copy of a passage; left out: none is looked for.",
}


def json_schema() -> Schema:
    """Make the JSON Schema (draft 2020-12) of a policy file."""
    definitions: Schema = {
        "name": _name(),
        "place": _place(),
        "places": {"type": "array", "items": {"$ref": "#/$defs/place"}},
        "somePlaces": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/place"}},
        "purpose": _terms(PURPOSES),
        "category": _terms(CATEGORIES),
        "role": _terms(ROLES),
        "scope": _mapping(grammar.SCOPE, _scope()),
        "setting": _setting(),
        "notice": _notice(),
        "agreement": _agreement(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:privity:policy:1",
        "title": "Privity policy version",
        **_mapping(grammar.POLICY, _policy()),
        "$defs": definitions,
    }


def _policy() -> Mapping[str, Schema]:
    return {
        "policy": _ref("name"),
        "version": _ref("name"),
        "controller": _ref("name"),
        "published_at": _INSTANT,
        "effective_at": _INSTANT,
        "groups": _named(_ref("somePlaces")),
        "settings": _named(_ref("setting")),
        "notices": _named(_ref("notice")),
        "agreements": _named(_ref("agreement")),
        "forbid": _list_of(_mapping(grammar.FORBID, {"id": _ref("name"), **_scope()})),
        "obligations": _list_of(
            _mapping(grammar.OBLIGATION, {"do": _list_of(_obligation(), least=1), **_scope()})
        ),
        "parties": _mapping(grammar.PARTIES, {"group-message": _enum(grammar.AUDIENCES)}),
        "copies": _mapping(
            grammar.COPIES, {key: _enum(grammar.ANSWERS) for key in grammar.COPIES.all}
        ),
    }


def _setting() -> Schema:
    line = {"in": _ref("somePlaces"), "value": _enum(grammar.DEFAULT_VALUES)}
    return _mapping(
        grammar.SETTING,
        {
            "label": _ref("name"),
            **_scope(),
            "live_from": _INSTANT,
            "exempt": _ref("places"),
            "default": _list_of(_mapping(grammar.DEFAULT_LINE, line)),
            "explicit_only": _list_of(_ref("category")),
            "notice": _ref("name"),
            "objection_window": _DURATION,
            "minimum_age": {
                "type": "integer",
                "minimum": grammar.YOUNGEST,
                "maximum": grammar.OLDEST,
            },
            "age_proof": _enum(grammar.AGE_PROOFS),
        },
    )


def _notice() -> Schema:
    return _mapping(
        grammar.NOTICE,
        {
            "effective_at": _INSTANT,
            "url": {"type": "string", "pattern": f"^{grammar.URL.pattern}$"},
            "sha256": {"type": "string", "pattern": f"^{grammar.SHA256.pattern}$"},
            "languages": _list_of(
                {"type": "string", "pattern": f"^{grammar.LANGUAGE.pattern}$"}, least=1
            ),
        },
    )


def _agreement() -> Schema:
    promise = _mapping(grammar.PROMISE, {"id": _ref("name"), "forbid": _ref("scope")})
    return _mapping(grammar.AGREEMENT, {"promises": _list_of(promise)})


def _scope() -> Mapping[str, Schema]:
    return {
        "purposes": _list_of(_ref("purpose"), least=1),
        "categories": _list_of(_ref("category"), least=1),
        "recipients": _list_of(_ref("role"), least=1),
    }


def _mapping(keys: Keys, properties: Mapping[str, Schema]) -> Schema:
    """Make a mapping's schema: exactly the keys of the grammar, each with its meaning."""
    described = {key: {"description": _MEANINGS[key], **properties[key]} for key in keys.all}
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": described,
    }
    if keys.required:
        schema["required"] = list(keys.required)
    return schema


def _named(items: Schema) -> Schema:
    return {
        "type": "object",
        "propertyNames": _ref("name"),
        "additionalProperties": items,
    }


def _list_of(items: Schema, *, least: int = 0) -> Schema:
    schema: Schema = {"type": "array", "items": items}
    if least:
        schema["minItems"] = least
    return schema


def _name() -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": grammar.LONGEST_NAME}


def _place() -> Schema:
    """A known place, for completion; or any name, since a policy has groups of its own."""
    return {
        "anyOf": [{"enum": [*GROUPS, *sorted(codes())]}, _ref("name")],
        "description": "An ISO 3166-1 code, EU, EEA, or a group of this policy.",
    }


def _terms(tree: Tree) -> Schema:
    return {"oneOf": [{"const": term, "description": tree.label(term)} for term in tree]}


def _obligation() -> Schema:
    return {
        "oneOf": [
            {"const": name, "description": label} for name, label in OBLIGATION_LABELS.items()
        ]
    }


def _enum(values: Iterable[str]) -> Schema:
    return {"enum": list(values)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
