# SPDX-License-Identifier: Apache-2.0
"""The text of a policy is read as strict YAML 1.2 (POL-1 to POL-4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from privity.errors import InputError, Where
from privity.policy.nodes import (
    MOST_BYTES,
    MOST_DEPTH,
    Leaf,
    Listing,
    Node,
    Table,
    read_text,
    read_value,
    shown,
)


def plain(node: Node) -> object:
    match node:
        case Leaf():
            return (node.kind, node.text)
        case Listing():
            return [plain(one) for one in node.items]
        case Table():
            return {key: plain(one) for key, one in node.entries.items()}


def kind(scalar: str) -> str:
    node = read_text(f"key: {scalar}", file="f")
    assert isinstance(node, Table)
    leaf = node.entries["key"]
    assert isinstance(leaf, Leaf)
    return leaf.kind


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read_text(text, file="f")
    return caught.value


@pytest.mark.parametrize(
    "scalar", ["on", "off", "yes", "no", "NO", "y", "n", "2024-09-18", "12:30:45", "1_000", "a"]
)
def test_what_yaml_1_1_takes_for_something_else_is_text(scalar: str) -> None:
    """POL-2."""
    assert kind(scalar) == "text"


@pytest.mark.parametrize(
    "scalar", ["0", "-1", "18", "1.5", ".5", "1e3", "0x1F", "0o17", ".inf", ".NaN"]
)
def test_numbers_are_those_of_the_core_schema(scalar: str) -> None:
    """POL-2."""
    assert kind(scalar) == "number"


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [("true", "boolean"), ("FALSE", "boolean"), ("~", "null"), ("", "null"), ("null", "null")],
)
def test_booleans_and_null_are_those_of_the_core_schema(scalar: str, expected: str) -> None:
    """POL-2."""
    assert kind(scalar) == expected


def test_what_is_quoted_is_text() -> None:
    node = read_text("a: '1'\nb: \"true\"\nc: |\n  7\n", file="f")
    assert plain(node) == {"a": ("text", "1"), "b": ("text", "true"), "c": ("text", "7\n")}


def test_json_is_yaml_with_its_tabs_and_surrogate_pairs() -> None:
    """POL-1."""
    text = '{\n\t"a": ["x", 1, null, true],\n\t"b": {"c": "\\ud83d\\ude00"}\n}'
    assert plain(read_text(text, file="f")) == {
        "a": [("text", "x"), ("number", "1"), ("null", "null"), ("boolean", "true")],
        "b": {"c": ("text", "\U0001f600")},
    }


def test_a_byte_order_mark_is_no_content() -> None:
    assert plain(read_text("\ufeffa: b", file="f")) == {"a": ("text", "b")}


def test_every_node_and_key_knows_its_line_and_column() -> None:
    """POL-4."""
    node = read_text("a:\n  b: [x, y]\n", file="f")
    assert isinstance(node, Table)
    inner = node.entries["a"]
    assert isinstance(inner, Table)
    assert inner.keys["b"] == Where(file="f", line=2, column=3)
    listing = inner.entries["b"]
    assert isinstance(listing, Listing)
    assert [one.where.column for one in listing.items] == [7, 10]


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "policy/duplicate-key"),
        ("a: &x 1", 1, 4, "policy/yaml-feature"),
        ("a: [&x 1]", 1, 5, "policy/yaml-feature"),
        ("a: &x {b: c}", 1, 4, "policy/yaml-feature"),
        ("a: *x", 1, 4, "policy/yaml-feature"),
        ("a: !!str x", 1, 4, "policy/yaml-feature"),
        ("a: !set [x]", 1, 4, "policy/yaml-feature"),
        ("<<: {a: 1}", 1, 1, "policy/yaml-feature"),
        ("a: 1\n---\nb: 2\n", 2, 1, "policy/documents"),
        ("%YAML 1.1\n---\na: on\n", 2, 1, "policy/yaml-syntax"),
        ("a: b: c", 1, 5, "policy/yaml-syntax"),
        ("\ta: b", 1, 1, "policy/yaml-syntax"),
        ("a: [x\n", 2, 1, "policy/yaml-syntax"),
        ("a: x\n\nb: \x07\n", 3, 4, "policy/yaml-syntax"),
        ('a: "\\ud800"', 1, 4, "policy/yaml-syntax"),
        ("? [a]\n: b", 1, 3, "policy/type"),
        ("? {a: b}\n: b", 1, 3, "policy/type"),
        ("1: a", 1, 1, "policy/type"),
        ("true: a", 1, 1, "policy/type"),
        (": a", 1, 1, "policy/type"),
        ("- " * 20 + "a", 1, 2 * MOST_DEPTH + 1, "policy/too-deep"),
    ],
)
def test_what_is_no_strict_yaml_is_named_where_it_stands(
    text: str, line: int, column: int, code: str
) -> None:
    """POL-1, POL-3, POL-4."""
    error = refusal(text)
    assert (error.where, error.code) == (Where(file="f", line=line, column=column), code)
    assert "\n" not in error.message


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"', 'a: "\\U00110000"'])
def test_an_escape_beyond_unicode_is_refused(text: str) -> None:
    assert refusal(text).code == "policy/yaml-syntax"


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_text_has_no_policy(text: str) -> None:
    assert refusal(text).code == "policy/empty"


def test_a_text_that_is_too_large_is_refused_before_it_is_parsed() -> None:
    """POL-1."""
    assert refusal("#" * (MOST_BYTES + 1)).code == "policy/too-large"
    assert refusal("#" * MOST_BYTES).code == "policy/empty"


@pytest.mark.parametrize("char", "[{")
def test_a_depth_bomb_is_refused_at_its_start(char: str) -> None:
    """POL-1."""
    assert refusal(char * MOST_BYTES).code in {"policy/too-deep", "policy/type"}


def test_a_merge_key_in_quotes_is_a_key_like_another() -> None:
    assert plain(read_text("'<<': a", file="f")) == {"<<": ("text", "a")}


def test_plain_values_become_the_nodes_of_their_text() -> None:
    value = {"a": [1, 2.5, True, None, "x"], "b": {}}
    text = "{a: [1, 2.5, true, null, x], b: {}}"
    same = plain(read_value(value, file="f"))
    assert str(same).replace("('null', '')", "('null', 'null')") == str(
        plain(read_text(text, file="f"))
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({1: "a"}, "policy/type"),
        ({"a": b"x"}, "policy/type"),
        ({"a": Decimal(1)}, "policy/type"),
        ({"a": {1}}, "policy/type"),
        ({"a": "\ud800"}, "policy/yaml-syntax"),
    ],
)
def test_what_no_text_could_hold_is_refused(value: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_value(value, file="f")
    assert caught.value.code == code


def test_values_that_contain_themselves_are_too_deep() -> None:
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(InputError, match="16 levels"):
        read_value(ring, file="f")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~", "empty"),
        ("[]", "an empty list"),
        ("[x]", "a list"),
        ("{}", "a mapping"),
        ("x", "`x`"),
        ("y" * 61, f"`{'y' * 60}…`"),
        ('"a\\nb"', "`a�b`"),
    ],
)
def test_a_message_shows_what_stands_there_on_one_line(text: str, expected: str) -> None:
    """POL-4."""
    assert shown(read_text(text, file="f")) == expected
