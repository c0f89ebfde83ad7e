# SPDX-License-Identifier: Apache-2.0
"""Who silences a checker says which rule and why, on the line where it is done."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("src", "tests", "benchmarks", "examples", "docs")
    for path in (ROOT / folder).rglob("*.py")
)

SUPPRESSION = re.compile(
    r"#\s*(?:noqa|ruff:\s*noqa|type:\s*ignore|mypy:|pragma:\s*no\s*(?:cover|branch))"
)
# Each names its rule (a pragma is its own), and words follow: two at least, so that a lone
# "needed" is no reason.
REASONED = re.compile(
    r"""\#\s*(?:
        noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*
      | ruff:\s*noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*
      | type:\s*ignore\[[a-z-]+(?:,\s*[a-z-]+)*\]
      | mypy:\s*[a-z-]+(?:=[a-z-]+)?
      | pragma:\s*no\s*(?:cover|branch)
    )
    (?:\s*\#\s*type:\s*ignore\[[a-z-]+\])?
    \s*[-:(\#—]*\s*\w\S*\s+\S+""",
    re.VERBOSE,
)


def unreasoned(text: str) -> list[str]:
    """The suppressing comments that lack their rule or their reason."""
    comments = (
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    )
    return [text for text in comments if SUPPRESSION.search(text) and not REASONED.search(text)]


@pytest.mark.parametrize(
    "comment",
    [
        "x = 1  # noqa",
        "x = 1  # noqa: F401",
        "x = 1  # type: ignore",
        "x = 1  # type: ignore[arg-type]",
        "x = 1  # type: ignore  # stubs are wrong",
        "x = 1  # pragma: no cover",
    ],
)
def test_a_bare_suppression_is_caught(comment: str) -> None:
    assert unreasoned(comment)


@pytest.mark.parametrize(
    "comment",
    [
        "x = 1  # noqa: F401 - imported for its effect",
        "x = 1  # type: ignore[arg-type]  # the stubs are wrong here",
        "x = 1  # pragma: no cover - a second process only",
        "x = 1  # a plain comment",
    ],
)
def test_a_reasoned_suppression_passes(comment: str) -> None:
    assert not unreasoned(comment)


def test_every_suppression_carries_its_rule_and_reason() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): unreasoned(path.read_text(encoding="utf-8"))
        for path in SOURCES
    }
    assert {path: comments for path, comments in found.items() if comments} == {}
