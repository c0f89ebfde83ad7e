# SPDX-License-Identifier: Apache-2.0
"""One concept, one word: the source defines no name with a word that the glossary rules out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
SOURCES = sorted((ROOT / "src").rglob("*.py"))

LINE = re.compile(r"^\| \*\*(?P<word>[a-z ]+)\*\* \| (?P<meaning>[^|]+) \|(?P<others>[^|]*)\|$")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

WORDS = {
    "member",
    "record",
    "party",
    "category",
    "purpose",
    "recipient",
    "role",
    "jurisdiction",
    "setting",
    "notice",
    "agreement",
    "promise",
    "order",
    "fact",
    "timeline",
    "state",
    "policy",
    "version",
    "decision",
    "reason",
    "obligation",
    "gate",
    "ledger",
    "entry",
    "checkpoint",
    "proof",
    "release",
    "disclosure",
    "revocation",
    "training run",
    "finding",
}


def glossary() -> dict[str, list[str]]:
    """Each word with those it stands in place of."""
    found = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        if match := LINE.match(line):
            found[match["word"]] = re.findall(r"[a-z]+", match["others"])
    return found


# Names that somebody else gave; PyTorch, Hugging Face and Arrow call what they read a dataset, and Django an account a user.
PROPER_NAMES = frozenset({"AUTH_USER_MODEL", "DATASET", "USER_AGREEMENT"})

RULED_OUT = {other: word for word, others in glossary().items() for other in others}


def defined_names(tree: ast.Module) -> Iterator[str]:
    """The names that a module makes: of classes, functions, parameters, fields, variables."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def ruled_out(names: Iterator[str]) -> dict[str, str]:
    """The names with a word that is ruled out, each with the word to use."""
    return {
        name: RULED_OUT[part]
        for name in names
        if name.strip("_").upper() not in PROPER_NAMES
        for part in (found.lower() for found in PART.findall(name))
        for part in (part, part.removesuffix("s"))
        if part in RULED_OUT
    }


def test_the_glossary_has_a_line_for_each_word_of_the_design() -> None:
    assert sorted(WORDS - glossary().keys()) == []


def test_no_word_is_ruled_out_that_is_a_word() -> None:
    assert sorted(RULED_OUT.keys() & glossary().keys()) == []


def test_a_ruled_out_word_is_found_in_any_spelling_of_a_name() -> None:
    names = ["UserId", "user_ids", "load_users", "member", "abuser"]
    assert ruled_out(iter(names)) == dict.fromkeys(names[:3], "member")


def wrong_words(path: Path) -> dict[str, str]:
    """What a module defines, or is called, by a word that is ruled out."""
    names = defined_names(ast.parse(path.read_text(encoding="utf-8")))
    if path.is_relative_to(ROOT / "src" / "network"):
        # A request has a `user`, whatever one calls it oneself.
        names = (name for name in names if name != "user")
    return ruled_out(chain(names, path.relative_to(ROOT / "src").with_suffix("").parts))


def test_modules_use_the_words_of_the_glossary() -> None:
    found = {path.relative_to(ROOT).as_posix(): wrong_words(path) for path in SOURCES}
    assert {path: words for path, words in found.items() if words} == {}
