# SPDX-License-Identifier: Apache-2.0
"""What a release may be used for, in ODRL: an offer by the controller to the recipient ([REL-51]).

It permits one purpose to one recipient until the release ends, says what must be done, and what must not. A term that the
W3C's vocabulary has is named there as near as it is; a purpose of ours that is narrower stays ours, so that an offer
never reads wider than the yes that it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privity.canonical.instants import Instant, format_instant
from privity.release.described import Described
from privity.release.papers.making import Making
from privity.release.papers.terms import RuleTerm
from privity.vocabulary.dpv import Nearness, match_of
from privity.vocabulary.terms import (
    CATEGORIES,
    OBLIGATION_LABELS,
    OBLIGATIONS,
    PURPOSES,
    ROLES,
    Tree,
)

CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""The prefixes that an offer needs."""

RELEASE: Final = "./"
"""What an offer is about: the folder that it lies in."""

_TABLES: Final = {"category": "categories", "purpose": "purposes", "role": "roles"}
_TREES: Final = {"category": CATEGORIES, "purpose": PURPOSES, "role": ROLES}


def offer(making: Making, described: Described) -> dict[str, Any]:
    """Give the offer, as JSON-LD.

    Args:
        making: How the release was made.
        described: What the log says of it.
    """
    created = described.created
    permission: dict[str, Any] = {
        "@type": "odrl:Permission",
        "odrl:action": {"@id": "odrl:use"},
        "odrl:constraint": [
            _constraint("odrl:purpose", "odrl:isA", _term("purpose", created.purpose, making)),
            *_until(created.expires_at),
        ],
        "odrl:duty": _duties(making, created.expires_at),
    }
    found = {
        "@type": ["CreativeWork", "odrl:Offer"],
        "@id": f"#offer-{described.revision}",
        "name": f"What {described.name} may be used for",
        "odrl:profile": {"@id": "https://w3id.org/dpv"},
        "odrl:target": {"@id": RELEASE},
        "odrl:assignee": {
            "@type": ["Organization", "odrl:Party"],
            "name": created.recipient,
            **_role(making),
        },
        "odrl:permission": permission,
        "odrl:prohibition": [_only(making, created.purpose), *_handing_on(), *_rules(making)],
    }
    if making.terms is not None:
        found["odrl:assigner"] = {
            "@type": ["Organization", "odrl:Party"],
            "name": making.terms.controller,
        }
        found["isBasedOn"] = {
            "@type": "CreativeWork",
            "name": making.terms.policy,
            "version": making.terms.version,
            "datePublished": format_instant(making.terms.published_at),
        }
    return found


def _role(making: Making) -> Mapping[str, Any]:
    return {} if making.role is None else {"roleName": making.role}


def _until(end: Instant | None) -> list[dict[str, Any]]:
    return [] if end is None else [_constraint("odrl:dateTime", "odrl:lt", _instant(end))]


def _only(making: Making, purpose: str) -> dict[str, Any]:
    """Forbid every other purpose: what an offer does not permit is not said by every reader to be forbidden."""
    return {
        "@type": "odrl:Prohibition",
        "description": "no use for another purpose, nor for a wider one",
        "odrl:action": {"@id": "odrl:use"},
        "odrl:constraint": [
            _constraint("odrl:purpose", "odrl:isNoneOf", _term("purpose", purpose, making))
        ],
    }


def _handing_on() -> list[dict[str, Any]]:
    return [
        {
            "@type": "odrl:Prohibition",
            "description": "it is not handed on",
            "odrl:action": {"@id": f"odrl:{action}"},
        }
        for action in ("distribute", "sell", "transfer")
    ]


def _rules(making: Making) -> list[dict[str, Any]]:
    """Give what the policy forbids, and what agreements promise not to do."""
    if making.terms is None:
        return []
    return [_rule(one, making) for one in making.terms.rules]


def _rule(rule: RuleTerm, making: Making) -> dict[str, Any]:
    constraints = []
    for kind, left, terms in (
        ("category", "dpv:hasPersonalData", rule.categories),
        ("purpose", "odrl:purpose", rule.purposes),
        ("role", "dpv:hasRecipient", rule.recipients),
    ):
        if terms is not None:
            right = [_term(kind, one, making) for one in terms]
            constraints.append(_constraint(left, "odrl:isAnyOf", right))
    said = "the policy's rule" if rule.agreement is None else f"agreement {rule.agreement}"
    return {
        "@type": "odrl:Prohibition",
        "description": f"{said}: {rule.id}",
        "odrl:action": {"@id": "odrl:use"},
        **({"odrl:constraint": constraints} if constraints else {}),
    }


def _duties(making: Making, end: Instant | None) -> list[dict[str, Any]]:
    """Give what must be done: by the policy, when records are taken back, and at the end."""
    asked = set(making.performed) | set(() if making.terms is None else making.terms.must)
    duties = [_obligation(one, making) for one in OBLIGATIONS if one in asked]
    duties.append(
        {
            "@type": "odrl:Duty",
            "description": "check before each use that it still stands, and delete in every copy what is taken back",
            "odrl:action": {"@id": "odrl:reviewPolicy"},
        }
    )
    if end is not None:
        duties.append(
            {
                "@type": "odrl:Duty",
                "description": "delete it by its end",
                "odrl:action": {"@id": "odrl:delete"},
                "odrl:constraint": [_constraint("odrl:dateTime", "odrl:lteq", _instant(end))],
            }
        )
    return duties


def _obligation(name: str, making: Making) -> dict[str, Any]:
    done = ", done before it was handed over" if name in making.performed else ""
    return {
        "@type": "odrl:Duty",
        "name": name,
        "description": f"{OBLIGATION_LABELS.get(name, name)}{done}",
        "odrl:action": _action(name),
    }


def _action(name: str) -> dict[str, Any]:
    """Name what is to be done by the W3C's word where it is the same, and as a kind of use where it is not."""
    match = match_of("obligations", name)
    if match is not None and match.match is Nearness.EXACT:
        return {"@id": match.iri}
    found: dict[str, Any] = {
        "@type": "odrl:Action",
        "name": name,
        "odrl:includedIn": {"@id": "odrl:use"},
    }
    if match is not None:
        found[f"skos:{match.match}Match"] = {"@id": match.iri}
    return found


def _term(kind: str, name: str, making: Making) -> dict[str, Any]:
    """Name a word of ours, and how near the W3C's is."""
    tree: Tree = _TREES[kind]
    match = match_of(_TABLES[kind], name) if name in tree else None
    found: dict[str, Any] = {
        "@type": "DefinedTerm",
        "termCode": name,
        "name": tree.label(name),
        "inDefinedTermSet": f"Privity vocabulary {making.vocabulary}",
    }
    if match is not None:
        found[f"skos:{match.match}Match"] = {"@id": match.iri}
    return found


def _constraint(left: str, operator: str, right: object) -> dict[str, Any]:
    return {
        "@type": "odrl:Constraint",
        "odrl:leftOperand": {"@id": left},
        "odrl:operator": {"@id": operator},
        "odrl:rightOperand": right,
    }


def _instant(instant: Instant) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": format_instant(instant)}
