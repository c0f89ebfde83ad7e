# SPDX-License-Identifier: Apache-2.0
"""Strict YAML 1.2 to nodes that know their line and column (specs/policy.md part 1).

Decides what a policy's text says before anybody asks what it means: no duplicate keys, no anchors,
tags or merge keys, one document, limits on size and depth. `on`, `off`, `yes` and `NO` are text, as
YAML 1.2 has it. JSON is YAML. The only place that imports ruamel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, assert_never

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError

from privity.errors import InputError, Where
from privity.vocabulary.terms import quoted

MOST_BYTES: Final = 1 << 20
MOST_DEPTH: Final = 16

# The core schema of YAML 1.2 (chapter 10.3.2); whatever it does not name is text.
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN: Final = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
_NUMBER: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    re.ASCII,
)

Kind = Literal["text", "number", "boolean", "null"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """One scalar: its kind by the core schema, and its characters as written."""

    kind: Kind
    text: str
    quoted: bool
    where: Where


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """A sequence."""

    items: tuple[Node, ...]
    where: Where


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A mapping; every key is text and stands once. `keys` says where each key stands."""

    entries: Mapping[str, Node]
    keys: Mapping[str, Where]
    where: Where


Node = Leaf | Listing | Table


def shown(node: Node) -> str:
    """Give what stands there, for a message on one line."""
    match node:
        case Leaf(kind="null"):
            return "empty"
        case Leaf():
            return quoted(node.text)
        case Listing(items=()):
            return "an empty list"
        case Listing():
            return "a list"
        case Table():
            return "a mapping"
        case _:
            assert_never(node)


@dataclass(kw_only=True, slots=True)
class _Open:
    """A collection being read; `key` is the mapping's key that waits for its value."""

    mapping: bool
    where: Where
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Where] = field(default_factory=dict)
    key: str | None = None

    def close(self) -> Node:
        if self.mapping:
            return Table(entries=self.entries, keys=self.keys, where=self.where)
        return Listing(items=tuple(self.items), where=self.where)


def read_text(text: str, *, file: str, what: str = "policy") -> Node:
    """Read one YAML or JSON document.

    Args:
        text: The whole file.
        file: Its name, for messages.
        what: What it is called in messages.

    Raises:
        InputError: The text is no strict YAML of one document, or is too large or too deep.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise InputError(
            f"the {what} has more than {MOST_BYTES} bytes, expected at most 1 MiB",
            code="policy/too-large",
            where=Where(file=file),
        )
    root: Node | None = None
    stack: list[_Open] = []
    for event in _events(text, file, what):
        where = _where(event, file)
        done: Node
        match event:
            case DocumentStartEvent():
                _one_document(event, root, where)
                continue
            case AliasEvent():
                raise _refused(f"an alias `*{event.anchor}`", where)
            case ScalarEvent() | CollectionStartEvent():
                _plain_node(event, where)
                if isinstance(event, CollectionStartEvent):
                    _open(
                        stack,
                        _Open(mapping=isinstance(event, MappingStartEvent), where=where),
                        what,
                    )
                    continue
                done = _leaf(event, where)
            case CollectionEndEvent():
                done = stack.pop().close()
            case _:
                continue
        if stack:
            _put(stack[-1], done)
        else:
            root = done
    if root is None:
        raise InputError(
            f"the {what} is empty, expected a mapping",
            code="policy/empty",
            where=Where(file=file),
        )
    return root


def read_value(value: object, *, file: str) -> Node:
    """Turn plain mappings, sequences, strings and numbers into nodes without lines.

    Raises:
        InputError: A key is no string, a value is of another kind, or the nesting is too deep.
    """
    return _from_value(value, Where(file=file), 0)


def _from_value(value: object, where: Where, depth: int) -> Node:
    if depth > MOST_DEPTH:
        raise _too_deep(where)
    match value:
        case None:
            return Leaf(kind="null", text="", quoted=False, where=where)
        case bool():
            return Leaf(kind="boolean", text=str(value).lower(), quoted=False, where=where)
        case int() | float():
            return Leaf(kind="number", text=repr(value), quoted=False, where=where)
        case str():
            return Leaf(kind="text", text=_whole(value, where), quoted=True, where=where)
        case Mapping():
            entries: dict[str, Node] = {}
            for key, item in value.items():
                if not isinstance(key, str):
                    raise _no_key(quoted(str(key)), where)
                entries[_whole(key, where)] = _from_value(item, where, depth + 1)
            return Table(entries=entries, keys=dict.fromkeys(entries, where), where=where)
        case Sequence() if not isinstance(value, bytes | bytearray):
            items = tuple(_from_value(item, where, depth + 1) for item in value)
            return Listing(items=items, where=where)
        case _:
            raise InputError(
                f"{quoted(str(value))} cannot stand in a policy, expected text, a number, a list "
                "or a mapping",
                code="policy/type",
                where=where,
            )


def _events(text: str, file: str, what: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (
            Where(file=file)
            if mark is None
            else Where(file=file, line=mark.line + 1, column=mark.column + 1)
        )
        said = error.problem or error.context or "it cannot be read"
        raise _not_yaml(said, where, what) from error
    except ReaderError as error:
        seen = text[: error.position]
        line, column = seen.count("\n") + 1, error.position - seen.rfind("\n")
        said = f"the character U+{error.character:04X} is not allowed"
        raise _not_yaml(said, Where(file=file, line=line, column=column), what) from error
    except (YAMLError, ValueError, OverflowError) as error:
        raise _not_yaml(str(error), Where(file=file), what) from error


def _not_yaml(said: str, where: Where, what: str) -> InputError:
    line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return InputError(
        f"the {what} is no YAML 1.2: {line}", code="policy/yaml-syntax", where=where
    )


def _where(event: Event, file: str) -> Where:
    mark = event.start_mark
    return Where(file=file, line=mark.line + 1, column=mark.column + 1)


def _one_document(event: DocumentStartEvent, root: Node | None, where: Where) -> None:
    if root is not None:
        raise InputError(
            "a second document starts, expected one in each file",
            code="policy/documents",
            where=where,
        )
    if event.version is not None and tuple(event.version) != (1, 2):
        seen = ".".join(str(part) for part in event.version)
        raise InputError(
            f"the text says `%YAML {seen}`, expected YAML 1.2",
            code="policy/yaml-syntax",
            where=where,
        )


def _plain_node(event: ScalarEvent | CollectionStartEvent, where: Where) -> None:
    if event.anchor is not None:
        raise _refused(f"an anchor `&{event.anchor}`", where)
    if event.tag is not None:
        raise _refused(f"a tag {quoted(event.tag)}", where)


def _refused(what: str, where: Where) -> InputError:
    return InputError(
        f"{what} stands here, expected every value written out",
        code="policy/yaml-feature",
        hint="write the value where it is used",
        where=where,
    )


def _open(stack: list[_Open], opened: _Open, what: str) -> None:
    if len(stack) >= MOST_DEPTH:
        raise _too_deep(opened.where, what)
    if stack and stack[-1].mapping and stack[-1].key is None:
        raise _no_key("a list or mapping", opened.where)
    stack.append(opened)


def _too_deep(where: Where, what: str = "policy") -> InputError:
    return InputError(
        f"the {what} nests more than {MOST_DEPTH} levels, expected fewer",
        code="policy/too-deep",
        where=where,
    )


def _no_key(seen: str, where: Where) -> InputError:
    return InputError(f"{seen} stands as a key, expected text", code="policy/type", where=where)


def _put(opened: _Open, node: Node) -> None:
    if not opened.mapping:
        opened.items.append(node)
    elif opened.key is not None:
        opened.entries[opened.key] = node
        opened.key = None
    else:
        # `_open` refuses collections here, so a key is always a leaf.
        assert isinstance(node, Leaf)  # noqa: S101 - states the invariant for the type checker
        opened.key = _key(opened, node)


def _key(opened: _Open, leaf: Leaf) -> str:
    if leaf.text == "<<" and not leaf.quoted:
        raise _refused("a merge key `<<`", leaf.where)
    if leaf.kind != "text":
        seen = quoted(leaf.text) if leaf.text else "nothing"
        raise InputError(
            f"{seen} stands as a key, expected text, in quotes where it looks like a number",
            code="policy/type",
            where=leaf.where,
        )
    if leaf.text in opened.keys:
        first = opened.keys[leaf.text]
        raise InputError(
            f"key {quoted(leaf.text)} stands twice, expected it once; the first is at line "
            f"{first.line}",
            code="policy/duplicate-key",
            where=leaf.where,
        )
    opened.keys[leaf.text] = leaf.where
    return leaf.text


def _leaf(event: ScalarEvent, where: Where) -> Leaf:
    plain = event.style is None
    text = _whole(event.value, where)
    return Leaf(kind=_kind(text) if plain else "text", text=text, quoted=not plain, where=where)


def _kind(plain: str) -> Kind:
    if plain in _NULL:
        return "null"
    if plain in _BOOLEAN:
        return "boolean"
    return "number" if _NUMBER.fullmatch(plain) else "text"


def _whole(text: str, where: Where) -> str:
    """Join the surrogate pairs that JSON writes, and refuse a half one."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{quoted(text)} has half a surrogate pair, expected Unicode text",
            code="policy/yaml-syntax",
            where=where,
        ) from error
