# SPDX-License-Identifier: Apache-2.0
"""Terms, and what contains and overlaps what (VOC-1 to VOC-12)."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from privity.errors import InputError
from privity.vocabulary.terms import (
    CATEGORIES,
    OBLIGATION_LABELS,
    OBLIGATIONS,
    PURPOSES,
    ROLES,
    Tree,
    in_short,
    quoted,
    unknown,
    vocabulary,
)

TREES = [CATEGORIES, PURPOSES, ROLES]


def test_the_version_is_that_of_the_spec(repository: Path) -> None:
    """VOC-1."""
    page = (repository / "specs" / "vocabulary.md").read_text(encoding="utf-8")
    assert f"version, `{vocabulary()['version']}`" in page


def test_the_terms_are_those_of_the_spec_and_no_others() -> None:
    """VOC-2."""
    assert CATEGORIES.parents == {
        "content": None,
        "message": "content",
        "private-message": "message",
        "inmail": "private-message",
        "direct-message": "private-message",
        "group-message": "message",
        "public-content": "content",
        "post": "public-content",
        "article": "public-content",
        "comment": "public-content",
        "profile": "content",
        "ai-input": "content",
        "credentials": "content",
    }
    assert PURPOSES.parents == {
        "processing": None,
        "model-training": "processing",
        "genai-training": "model-training",
        "personalisation": "processing",
        "safety": "processing",
    }
    assert list(ROLES) == ["controller", "affiliate", "processor", "third-party"]
    assert set(ROLES.parents.values()) == {None}
    assert OBLIGATIONS == ("pseudonymise", "redact-contact", "drop-quotes", "expires")  # VOC-5


def test_the_spec_draws_the_same_trees(repository: Path) -> None:
    """VOC-2."""
    page = (repository / "specs" / "vocabulary.md").read_text(encoding="utf-8")
    drawn = page.partition("```text\n")[2].partition("```")[0]
    words = re.findall(r"[a-z-]+", drawn)
    assert sorted(words) == sorted([*CATEGORIES, *PURPOSES, *ROLES])


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.kind)
def test_every_term_has_a_label_in_plain_language(tree: Tree) -> None:
    """VOC-4."""
    for term in tree:
        label = tree.label(term)
        assert label
        assert "-" not in term or label != term
    assert all(OBLIGATION_LABELS.values())
    assert tree.label("unheard-of") == "unheard-of"


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.kind)
def test_containing_is_an_order_and_overlapping_is_containing_either_way(tree: Tree) -> None:
    """VOC-10, VOC-11."""
    for one, other in product(tree, tree):
        assert tree.contains(one, one)
        assert tree.overlaps(one, other) == tree.overlaps(other, one)
        assert tree.overlaps(one, other) == (
            tree.contains(one, other) or tree.contains(other, one)
        )
        if tree.contains(one, other) and tree.contains(other, one):
            assert one == other
        for third in tree:
            if tree.contains(one, other) and tree.contains(other, third):
                assert tree.contains(one, third)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.kind)
def test_of_several_any_is_asked_as_each_by_itself(tree: Tree) -> None:
    """VOC-10 to VOC-12, of known terms and of one that nobody knows."""
    terms = [*tree, "unheard-of"]
    for one, other, term in product(terms, terms, terms):
        assert tree.any_overlaps((one, other), term) == (
            tree.overlaps(one, term) or tree.overlaps(other, term)
        )
        assert tree.any_contains((one, other), term) == (
            tree.contains(one, term) or tree.contains(other, term)
        )


def test_a_parent_contains_its_descendants_and_siblings_do_not_overlap() -> None:
    """VOC-10, VOC-11."""
    assert CATEGORIES.ancestors("inmail") == ("inmail", "private-message", "message", "content")
    assert CATEGORIES.contains("message", "inmail")
    assert not CATEGORIES.contains("inmail", "message")
    assert not CATEGORIES.overlaps("inmail", "direct-message")
    assert CATEGORIES.any_contains(["post", "message"], "inmail")
    assert not CATEGORIES.any_contains(["inmail"], "message")
    assert CATEGORIES.any_overlaps(["inmail"], "message")
    assert not CATEGORIES.any_overlaps([], "message")


def test_an_unknown_term_contains_itself_alone() -> None:
    """VOC-12."""
    assert "letter" not in CATEGORIES
    assert CATEGORIES.ancestors("letter") == ("letter",)
    assert CATEGORIES.contains("letter", "letter")
    assert CATEGORIES.overlaps("letter", "letter")
    assert not CATEGORIES.overlaps("letter", "content")
    assert not CATEGORIES.overlaps("content", "letter")


def test_a_known_term_is_given_back() -> None:
    assert PURPOSES.require("safety") == "safety"


@pytest.mark.parametrize(
    ("tree", "seen", "expected"),
    [
        (PURPOSES, "genai_training", "expected `genai-training`"),
        (CATEGORIES, "InMail", "expected `inmail`"),
        (ROLES, "partner", "expected one of `affiliate`, `controller`, `processor`, `third-party`"),
        (CATEGORIES, "xyz", "`profile`, …"),
    ],
)  # fmt: skip
def test_an_unknown_term_is_an_error_that_names_the_nearest(
    tree: Tree, seen: str, expected: str
) -> None:
    """VOC-3."""
    with pytest.raises(InputError) as caught:
        tree.require(seen)
    assert caught.value.message.startswith(f"unknown {tree.kind} `{seen}`, ")
    assert expected in caught.value.message
    assert caught.value.code == f"vocabulary/unknown-{tree.kind}"


def test_a_hint_names_the_nearest_or_nothing() -> None:
    assert unknown("notice", "genai", ["genai-2024"]).hint == "did you mean `genai-2024`?"
    assert unknown("notice", "genai", ["zzz"]).hint is None
    assert unknown("notice", "genai", []).message == (
        "unknown notice `genai`, expected none, there are none"
    )


def test_what_somebody_wrote_stays_on_one_line() -> None:
    assert quoted("a\nb\u202ec") == "`a�b�c`"
    assert in_short("x" * 60) == "x" * 60
    assert in_short("x" * 61) == "x" * 60 + "…"
