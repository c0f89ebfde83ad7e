# SPDX-License-Identifier: Apache-2.0
"""Single values, lists and mappings out of nodes, each problem noted where it stands.

Knows shapes and no policy: what the shapes mean is `privity.policy.reading`. Every method gives a
stand-in value after a problem, so that one run can name all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from privity.canonical.instants import Instant, parse_duration, parse_instant
from privity.errors import InputError, Where
from privity.policy import grammar
from privity.policy.nodes import Leaf, Listing, Node, Table, shown
from privity.vocabulary.terms import in_short, quoted, unknown

_Value = TypeVar("_Value")

_FLAGS: Final = frozenset({"true", "false"})

# With a zone, text can name instants beyond these, which nothing could write again.
_FIRST: Final = parse_instant("0001-01-01T00:00:00Z")
_LAST: Final = parse_instant("9999-12-31T23:59:59Z")


class Reader:
    """Reads values; collects `problems`, and in `marks` the place of each path.

    A `path` names the value for messages, such as `settings.genai-improvement.minimum_age`.

    Args:
        what: What the whole is called in messages.
    """

    def __init__(self, what: str = "policy") -> None:
        self.what = what
        self.problems: list[InputError] = []
        self.marks: dict[str, Where] = {}

    def in_order(self) -> tuple[InputError, ...]:
        """Give the problems in the order of the text."""
        return tuple(sorted(self.problems, key=_place))

    def whole(self, found: _Value) -> _Value:
        """Give what was read, if there was no problem.

        Raises:
            InputError: The first problem in the text.
        """
        problems = self.in_order()
        if problems:
            raise problems[0]
        return found

    def report(self, message: str, code: str, where: Where, hint: str | None = None) -> None:
        """Note a problem."""
        self.problems.append(InputError(message, code=code, where=where, hint=hint))

    def again(self, error: InputError, where: Where, path: str) -> None:
        """Note a problem that a lower layer found, with its place and path."""
        self.report(f"in `{path}`: {error.message}", error.code, where, error.hint)

    def unexpected(self, node: Node, path: str, expected: str, hint: str | None = None) -> None:
        """Note that something else stands there than was expected."""
        self.report(
            f"`{path}` is {shown(node)}, expected {expected}", "policy/type", node.where, hint
        )

    # --- mappings and lists

    def fields(self, node: Node, path: str, keys: grammar.Keys) -> Mapping[str, Node]:
        """Give a mapping's known fields; unknown and missing ones are problems."""
        what = f"`{path}`" if path else f"the {self.what}"
        if not isinstance(node, Table):
            self.report(
                f"{what} is {shown(node)}, expected a mapping", "policy/type", node.where
            )
            return {}
        for key, where in node.keys.items():
            self.marks[f"{path}.{key}" if path else key] = where
            if key not in keys.all:
                near = unknown("key", key, keys.all)
                expected = near.message.partition(", expected ")[2]
                self.report(
                    f"unknown key {quoted(key)} in {what}, expected {expected}",
                    "policy/unknown-key",
                    where,
                    near.hint,
                )
        for key in keys.required:
            if key not in node.entries:
                self.report(
                    f"{what} has no key `{key}`, expected one", "policy/missing-key", node.where
                )
        return {key: one for key, one in node.entries.items() if key in keys.all}

    def named(
        self, node: Node | None, path: str, read: Callable[[Node, str, str], _Value]
    ) -> dict[str, _Value]:
        """Read a mapping from names to things; None is empty."""
        if node is None:
            return {}
        if not isinstance(node, Table):
            self.unexpected(node, path, "a mapping")
            return {}
        for name, where in node.keys.items():
            self.marks[f"{path}.{in_short(name)}"] = where
            self._name(name, f"a name in `{path}`", where)
        return {
            name: read(one, f"{path}.{in_short(name)}", name)
            for name, one in node.entries.items()
        }

    def each(
        self,
        node: Node | None,
        path: str,
        read: Callable[[Node, str], _Value],
        *,
        empty: bool = True,
    ) -> tuple[_Value, ...]:
        """Read a list of things; None is empty.

        Args:
            node: The list.
            path: Its name for messages.
            read: Reads one entry, given its path.
            empty: Whether the list may be empty.
        """
        if node is None:
            return ()
        if not isinstance(node, Listing):
            self.unexpected(node, path, "a list")
            return ()
        if not node.items and not empty:
            self.report(
                f"`{path}` is an empty list, expected at least one entry",
                "policy/empty-list",
                node.where,
            )
        self.marks |= {f"{path}[{index}]": item.where for index, item in enumerate(node.items)}
        return tuple(read(item, f"{path}[{index}]") for index, item in enumerate(node.items))

    # --- single values

    def name(self, node: Node | None, path: str) -> str:
        """Read a name or label: text without blanks at its ends; None is a stand-in."""
        if node is None:
            return ""
        text = self.text(node, path, "text", "put it in quotes")
        if text is not None:
            self._name(text, f"`{path}`", node.where)
        return text or ""

    def word(self, node: Node, path: str, kind: str, known: Iterable[str]) -> str:
        """Read one of the known words of a kind."""
        text = self.text(node, path, f"the name of a {kind}")
        if text is not None and text not in known:
            self.again(unknown(kind, text, known), node.where, path)
        return text or ""

    def choice(self, node: Node | None, path: str, choices: Sequence[str]) -> str:
        """Read one of a few words; None is a stand-in."""
        if node is None:
            return choices[0]
        if isinstance(node, Leaf) and node.kind == "text" and node.text in choices:
            return node.text
        self.unexpected(node, path, " or ".join(f"`{one}`" for one in choices))
        return choices[0]

    def shaped(
        self, node: Node | None, path: str, shape: re.Pattern[str], expected: str
    ) -> str | None:
        """Read text of one shape, or give None where there is none."""
        if node is None:
            return None
        if not isinstance(node, Leaf) or node.kind != "text" or not shape.fullmatch(node.text):
            self.unexpected(node, path, expected)
            return None
        return node.text

    def instant(self, node: Node | None, path: str) -> Instant:
        """Read an instant; None is a stand-in."""
        expected = "an instant such as `2024-09-18T00:00:00Z`"
        instant = self._read(node, path, expected, parse_instant)
        if node is not None and not _FIRST <= instant <= _LAST:
            self.unexpected(node, path, f"{expected}, of the years 1 to 9999 in UTC")
        return instant

    def duration(self, node: Node | None, path: str) -> int:
        """Read a duration in seconds, of at most a hundred years; None is none."""
        seconds = self._read(node, path, "a duration such as `P30D`", parse_duration)
        if node is not None and seconds > grammar.LONGEST_WINDOW:
            self.unexpected(node, path, "at most `P36500D`")
        return seconds

    def age(self, node: Node | None, path: str) -> int | None:
        """Read an age in whole years, or give None where there is none."""
        if node is None:
            return None
        if isinstance(node, Leaf) and node.kind == "number":
            match = grammar.WHOLE_NUMBER.fullmatch(node.text)
            if match is not None and int(node.text) <= grammar.OLDEST:
                return int(node.text)
        self.unexpected(
            node,
            path,
            f"a whole number of years from {grammar.YOUNGEST} to {grammar.OLDEST}",
            _quotes(node, grammar.WHOLE_NUMBER.fullmatch),
        )
        return None

    def flag(self, node: Node | None, path: str) -> bool | None:
        """Read `true` or `false`, or give None where there is neither."""
        if node is None:
            return None
        if isinstance(node, Leaf) and node.kind == "boolean":
            return node.text.lower() == "true"
        self.unexpected(node, path, "`true` or `false`", _quotes(node, _FLAGS.__contains__))
        return None

    def _read(
        self, node: Node | None, path: str, expected: str, parse: Callable[[str], int]
    ) -> int:
        if node is None:
            return 0
        text = self.text(node, path, expected)
        if text is None:
            return 0
        try:
            return parse(text)
        except InputError:
            self.unexpected(node, path, expected)
            return 0

    def text(
        self, node: Node, path: str, expected: str = "text", hint: str | None = None
    ) -> str | None:
        """Read text as it stands, or give None where there is none."""
        if isinstance(node, Leaf) and node.kind == "text":
            return node.text
        scalar = isinstance(node, Leaf) and node.kind != "null"
        self.unexpected(node, path, expected, hint if scalar else None)
        return None

    def _name(self, text: str, what: str, where: Where) -> None:
        if text and text == text.strip() and text.isprintable():
            if len(text) <= grammar.LONGEST_NAME:
                return
            expected = f"at most {grammar.LONGEST_NAME} characters"
        else:
            expected = "printable text without blanks at its ends"
        self.report(f"{what} is {quoted(text)}, expected {expected}", "policy/name", where)


def _quotes(node: Node, fits: Callable[[str], object]) -> str | None:
    """Give the hint for what stands in quotes, which make it text, and would fit without them."""
    inside = isinstance(node, Leaf) and node.quoted and fits(node.text)
    return "leave the quotes out: they make it text" if inside else None


def _place(error: InputError) -> tuple[int, int]:
    where = error.where
    if where is None or where.line is None or where.column is None:
        return (0, 0)
    return (where.line, where.column)
