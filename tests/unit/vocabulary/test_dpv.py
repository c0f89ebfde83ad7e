# SPDX-License-Identifier: Apache-2.0
"""Our words in the W3C Data Privacy Vocabulary 2.3 (VOC-40 to VOC-42)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from privity.vocabulary.dpv import Match, Nearness, match_of, place_iri
from privity.vocabulary.places import codes
from privity.vocabulary.terms import vocabulary

IRI = re.compile(r"https://w3id\.org/dpv(/ai|/legal/eu/gdpr)?#[A-Z][A-Za-z0-9-]*")
TABLES = ("categories", "purposes", "roles", "obligations", "concepts")


def test_it_is_version_2_3() -> None:
    """VOC-40."""
    assert vocabulary()["dpv"]["version"] == "2.3"


@pytest.mark.parametrize("table", TABLES)
def test_every_mapping_is_a_term_of_the_dpv_and_says_how_near(table: str) -> None:
    """VOC-40."""
    found = [match_of(table, term) for term in vocabulary()[table]]
    assert any(found)
    for match in found:
        assert match is None or IRI.fullmatch(match.iri)


@pytest.mark.parametrize(
    ("table", "term", "expected"),
    [
        ("roles", "controller", Match(iri="https://w3id.org/dpv#DataController", match=Nearness.EXACT)),
        ("purposes", "genai-training", Match(iri="https://w3id.org/dpv/ai#ModelTraining", match=Nearness.BROAD)),
        ("roles", "affiliate", Match(iri="https://w3id.org/dpv#SubsidiaryLegalEntity", match=Nearness.NARROW)),
        ("concepts", "objection", Match(iri="https://w3id.org/dpv/legal/eu/gdpr#A21", match=Nearness.CLOSE)),
        ("categories", "inmail", None),
    ],
)  # fmt: skip
def test_a_word_carries_its_term_or_none(table: str, term: str, expected: Match | None) -> None:
    """VOC-40."""
    assert match_of(table, term) == expected


def test_a_word_that_is_none_of_ours_has_no_mapping() -> None:
    with pytest.raises(KeyError):
        match_of("roles", "partner")


def test_places_are_those_of_the_dpv() -> None:
    """VOC-41."""
    assert place_iri("DE") == "https://w3id.org/dpv/loc#DE"
    assert place_iri("EEA") == "https://w3id.org/dpv/loc#EEA"
    assert place_iri("exempt") is None
    assert all(place_iri(code) for code in codes())


def test_no_decision_looks_at_the_mapping(repository: Path) -> None:
    """VOC-42."""
    source = repository / "src" / "privity"
    for folder in ("decide", "release"):
        # Papers and receipts decide nothing: they say in others' words what was decided, and said.
        told = {
            *(source / "release" / "papers").glob("*"),
            *(source / "decide" / "explain").glob("consent*.py"),
        }
        for path in set((source / folder).rglob("*.py")) - told:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert "privity.vocabulary.dpv" not in named
