# SPDX-License-Identifier: Apache-2.0
"""The offer permits what the entry says, reads no wider, and is ODRL to a reader of RDF (REL-51)."""

from __future__ import annotations

import json
import warnings
from typing import Any

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF
from rdflib.term import Node
from tests.unit.release.papers.made_papers import described, making

from privity.release.files import Manifest
from privity.release.papers.croissant import croissant
from privity.release.papers.making import Making

ODRL = Namespace("http://www.w3.org/ns/odrl/2/")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
SC = Namespace("https://schema.org/")


def graph(made: Making | None = None, **keys: Any) -> tuple[Graph, Node]:
    """The metadata as triples, and the offer in it."""
    text = json.dumps(
        croissant(making() if made is None else made, described(**keys), Manifest(()))
    )
    with warnings.catch_warnings():
        # Its own parser uses what it has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = Graph().parse(data=text, format="json-ld")
    (dataset,) = found.subjects(RDF.type, SC.Dataset)
    (offer,) = found.objects(dataset, SC.usageInfo)
    assert (offer, RDF.type, ODRL.Offer) in found
    assert (offer, RDF.type, SC.CreativeWork) in found
    return found, offer


def constraints(found: Graph, rule: Node) -> dict[Node, tuple[Node, Node]]:
    """What limits a rule: by what, how, and by which value."""
    return {
        one(found, each, ODRL.leftOperand): (
            one(found, each, ODRL.operator),
            one(found, each, ODRL.rightOperand),
        )
        for each in found.objects(rule, ODRL.constraint)
    }


def one(found: Graph, of: Node, what: URIRef) -> Node:
    (value,) = found.objects(of, what)
    return value


def code(found: Graph, term: Node) -> str:
    return str(one(found, term, SC.termCode))


def test_it_permits_one_purpose_until_the_end() -> None:
    found, offer = graph()
    permission = one(found, offer, ODRL.permission)
    assert one(found, permission, ODRL.action) == ODRL.use
    limits = constraints(found, permission)
    operator, purpose = limits[ODRL.purpose]
    assert operator == ODRL.isA
    assert code(found, purpose) == "genai-training"
    operator, end = limits[ODRL.dateTime]
    assert operator == ODRL.lt
    assert isinstance(end, Literal)
    assert str(end).startswith("2027-11-20T00:00:00")


def test_a_narrower_purpose_is_not_said_to_be_the_wider_one_of_the_vocabulary() -> None:
    found, offer = graph()
    _, purpose = constraints(found, one(found, offer, ODRL.permission))[ODRL.purpose]
    training = URIRef("https://w3id.org/dpv/ai#ModelTraining")
    assert list(found.predicates(purpose, training)) == [SKOS.broadMatch]


def test_a_release_without_an_end_says_none() -> None:
    found, offer = graph(expires_at=None)
    permission = one(found, offer, ODRL.permission)
    assert ODRL.dateTime not in constraints(found, permission)
    duties = {one(found, each, ODRL.action) for each in found.objects(permission, ODRL.duty)}
    assert ODRL.delete not in duties


def test_it_names_who_offers_it_to_whom() -> None:
    found, offer = graph()
    assert str(one(found, one(found, offer, ODRL.assigner), SC.name)) == "network"
    assert str(one(found, one(found, offer, ODRL.assignee), SC.name)) == "lab"
    assert str(one(found, one(found, offer, ODRL.assignee), SC.roleName)) == "third-party"
    assert len(list(found.objects(offer, ODRL.target))) == 1


def test_its_duties_are_the_policys_and_those_of_every_release() -> None:
    found, offer = graph()
    duties = list(found.objects(one(found, offer, ODRL.permission), ODRL.duty))
    actions = {one(found, each, ODRL.action) for each in duties}
    assert {
        ODRL.reviewPolicy,
        ODRL.delete,
        URIRef("https://w3id.org/dpv#Pseudonymise"),
    } <= actions
    said = {str(each) for duty in duties for each in found.objects(duty, SC.description)}
    done = [text for text in said if "done before it was handed over" in text]
    assert done == [
        "replace member ids by pseudonyms of this recipient's own, done before it was handed over"
    ]
    names = {str(each) for duty in duties for each in found.objects(duty, SC.name)}
    assert names == {"pseudonymise", "redact-contact", "expires"}


def test_it_forbids_other_purposes_handing_on_and_what_the_policy_forbids() -> None:
    found, offer = graph()
    rules = list(found.objects(offer, ODRL.prohibition))
    actions = [one(found, each, ODRL.action) for each in rules]
    assert {ODRL.distribute, ODRL.sell, ODRL.transfer} <= set(actions)
    others = [
        constraints(found, each)[ODRL.purpose]
        for each in rules
        if ODRL.purpose in constraints(found, each)
    ]
    assert [(how, code(found, what)) for how, what in others] == [
        (ODRL.isNoneOf, "genai-training")
    ]
    said = {str(one(found, each, SC.description)) for each in rules}
    assert "the policy's rule: no-credentials" in said
    assert "agreement subscription: confidentiality" in said


def test_without_a_policy_it_still_forbids() -> None:
    found, offer = graph(making(request=_nobody()))
    assert not list(found.objects(offer, ODRL.assigner))
    assert len(list(found.objects(offer, ODRL.prohibition))) == 4


def _nobody() -> dict[str, object]:
    return {
        "purpose": "genai-training",
        "recipient": "lab",
        "role": None,
        "at": "2026-11-20T08:00:00Z",
    }
