# SPDX-License-Identifier: Apache-2.0
"""Copies of real texts: 100 posts made private among 5,000, and what somebody may make of them.

docs/copies.md has the figures of the full comparison. The posts are not ours to publish: they are read from
`PRIVITY_MAIL_DATA`, or from `shared/data` beside the repository, and the tests are skipped without them.
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
import pytest
from benchmarks import variants

POSTS, PRIVATE = 5_000, 100
PARTS = ("its own words", "first half", "middle third", "near")

pytestmark = pytest.mark.skipif(
    not variants.POSTS.exists(),
    reason="the posts are not here: name their folder with PRIVITY_MAIL_DATA",
)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("posts") / "posts.parquet"
    pq.write_table(pq.read_table(variants.POSTS).slice(0, POSTS), path)
    return variants.measure(path, PRIVATE)


def test_whole_texts_are_found_however_they_were_pasted(measured: dict[str, Any]) -> None:
    """REL-135: all but those that are too short once their signature is gone."""
    pasted = [row for row in measured["variants"] if not row["variant"].startswith(PARTS)]
    assert len(pasted) == len(variants.VARIANTS) - len(PARTS)
    for row in pasted:
        assert row["whole"] >= row["made"] - row["short"], row["variant"]


def test_parts_are_found_by_passages_alone(measured: dict[str, Any]) -> None:
    """REL-136: and near ones are no copies of a whole."""
    rows = {row["variant"]: row for row in measured["variants"]}
    for name in ("first half of its own words", "near: a word of its own changed"):
        assert rows[name]["whole"] <= 0.02 * PRIVATE
        assert rows[name]["passages"] >= 0.5 * PRIVATE
    own = rows["its own words, without what it quotes"]
    assert own["whole"] >= 0.97 * (own["made"] - own["short"])


def test_what_is_found_besides_has_to_do_with_it(measured: dict[str, Any]) -> None:
    """REL-134: posts of other threads are no copies; those of the same quote each other for good."""
    whole, passages = measured["others"]
    assert whole["others"] == POSTS - PRIVATE
    assert 0 < whole["found"] < 0.02 * whole["others"]
    assert whole["unrelated"] <= 1
    assert passages["found"] > whole["found"]
