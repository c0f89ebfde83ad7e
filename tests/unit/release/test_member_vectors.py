# SPDX-License-Identifier: Apache-2.0
"""The cases of `tests/vectors/release-members.json`, which another implementation made, hold to the byte."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from privity.errors import VerificationError
from privity.ledger.prefix import (
    Leaf,
    PrefixProof,
    PrefixTree,
    prefix_root,
    verify_in,
    verify_not_in,
)
from privity.release.tags import key_without_stream, leaf_salt, packed, release_tag, value_of

FILE = Path(__file__).resolve().parents[2] / "vectors" / "release-members.json"
CASES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
TREES: list[dict[str, Any]] = CASES["trees"]
MUTANTS: list[dict[str, Any]] = CASES["mutants"]
RELEASE: dict[str, Any] = CASES["release"]


def named(cases: list[dict[str, Any]], key: str) -> list[str]:
    return [case[key] for case in cases]


@pytest.mark.parametrize("case", TREES, ids=named(TREES, "id"))
def test_trees_and_proofs_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    leaves = [Leaf(*map(bytes.fromhex, pair)) for pair in case["leaves"]]
    tree = PrefixTree(leaves)
    assert tree.root.hex() == prefix_root(leaves).hex() == case["root"]
    for asked in case["proofs"]:
        tag = bytes.fromhex(asked["tag"])
        assert b64encode(tree.prove(tag).to_bytes()).decode() == asked["proof"]
        proof = PrefixProof.parse(b64decode(asked["proof"]))
        if asked["value"] is None:
            verify_not_in(tag, proof, tree.root)
        else:
            verify_in(tag, bytes.fromhex(asked["value"]), proof, tree.root)


@pytest.mark.parametrize("case", RELEASE["members"], ids=lambda case: repr(case["member"]))
def test_tags_salts_and_leaves_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    """[REL-25], [REL-26], [REL-27], [REL-28]."""
    salt = bytes.fromhex(RELEASE["salt"])
    given = case["stream_key"]
    key = key_without_stream(salt, case["member"]) if given is None else bytes.fromhex(given)
    assert key.hex() == case["key"]
    tag = release_tag(key, RELEASE["name"])
    assert tag.hex() == case["tag"]
    assert leaf_salt(salt, tag).hex() == case["salt"]
    assert packed(case["records"])[0] == case["count"]
    assert value_of(leaf_salt(salt, tag), case["records"]).hex() == case["value"]


def test_the_root_of_a_release_is_that_of_the_vectors() -> None:
    leaves = [
        Leaf(bytes.fromhex(one["tag"]), bytes.fromhex(one["value"]))
        for one in RELEASE["members"]
    ]
    assert PrefixTree(leaves).root.hex() == RELEASE["root"]


@pytest.mark.parametrize("case", MUTANTS, ids=named(MUTANTS, "why"))
def test_mutants_of_the_vectors_show_nothing(case: dict[str, Any]) -> None:
    tag, value, root = (bytes.fromhex(case[key]) for key in ("tag", "value", "root"))
    with pytest.raises(VerificationError):
        verify_in(tag, value, PrefixProof.parse(b64decode(case["proof"])), root)
    with pytest.raises(VerificationError):
        verify_not_in(tag, PrefixProof.parse(b64decode(case["proof"])), root)
