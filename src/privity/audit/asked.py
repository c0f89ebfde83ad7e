# SPDX-License-Identifier: Apache-2.0
"""What a question about a class and a public statement are both said with (specs/audit.md, parts 2 and 4).

On which side of a record a member stands, between which instants something lies, and lists of words, each in the
order that makes two questions that mean the same equal; and the same again as a JSON Schema, for editors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

from privity.canonical.instants import Instant, format_instant
from privity.policy import grammar
from privity.policy.fields import Reader
from privity.policy.grammar import Keys
from privity.policy.nodes import Node
from privity.vocabulary.terms import Tree

Side = Literal["sender", "receiver"]

SIDES: Final[tuple[Side, ...]] = get_args(Side)

_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A half-open period.

    Attributes:
        start: Its first instant, or None where it has no beginning.
        end: The first instant after it, or None where it has no end.
    """

    start: Instant | None = None
    end: Instant | None = None

    def __contains__(self, instant: Instant) -> bool:
        """Tell whether an instant lies in it."""
        return (self.start is None or self.start <= instant) and (
            self.end is None or instant < self.end
        )

    def to_plain(self) -> dict[str, str]:
        """Give it as keys of a file: those that it has."""
        return plain_instants(**{"from": self.start, "before": self.end})


ALWAYS: Final = Period()


def plain_instants(**found: Instant | None) -> dict[str, str]:
    """Give instants as text, without those that are None."""
    return {key: format_instant(one) for key, one in found.items() if one is not None}


class AskedReader(Reader):
    """Reads what both are said with."""

    def part(
        self, fields: Mapping[str, Node], key: str, keys: Keys, *, within: str = ""
    ) -> Mapping[str, Node]:
        """Read a mapping of what may be there; left out it is empty."""
        return self.fields(fields[key], f"{within}{key}", keys) if key in fields else {}

    def terms(self, node: Node | None, path: str, tree: Tree) -> tuple[str, ...]:
        """Read a list of terms; in their order, each once."""

        def term(item: Node, place: str) -> str:
            return self.word(item, place, tree.kind, tree.parents)

        return tuple(dict.fromkeys(self.each(node, path, term, empty=False)))

    def choices(
        self, node: Node | None, path: str, known: tuple[_Word, ...]
    ) -> tuple[_Word, ...]:
        """Read a list of a few words, in their own order, each once; left out: all of them."""
        found = self.each(
            node, path, lambda one, place: self.choice(one, place, known), empty=False
        )
        return tuple(word for word in known if node is None or word in found)

    def period(self, fields: Mapping[str, Node], path: str) -> Period:
        """Read `from` and `before`."""
        before = len(self.problems)
        start = self.when(fields, "from", f"{path}.from")
        end = self.when(fields, "before", f"{path}.before")
        # What stands in for an instant that cannot be read is before or after nothing.
        readable = len(self.problems) == before
        if readable and start is not None and end is not None and start >= end:
            self.report(
                f"`{path}` ends at {format_instant(end)}, expected an end after its beginning",
                "audit/period",
                fields["before"].where,
            )
        return Period(start=start, end=end)

    def when(self, fields: Mapping[str, Node], key: str, path: str) -> Instant | None:
        """Read an instant that may be left out."""
        return self.instant(fields[key], path) if key in fields else None


NAME_SCHEMA: Final[Mapping[str, object]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": grammar.LONGEST_NAME,
}
INSTANT_SCHEMA: Final[Mapping[str, object]] = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.0+)?(Z|[+-]\d{2}:\d{2})$",
    "description": "An instant with a zone and whole seconds, such as 2024-09-18T00:00:00Z.",
}
PERIOD_SCHEMA: Final = {"from": INSTANT_SCHEMA, "before": INSTANT_SCHEMA}


def schema_of_file(title: str, keys: Keys, /, **properties: object) -> dict[str, object]:
    """Give the JSON Schema of a file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **schema_of_keys(keys, **properties),
    }


def schema_of_keys(keys: Keys, /, **properties: object) -> dict[str, object]:
    """Give the schema of a mapping that has these keys and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(keys.required),
        "properties": properties,
    }


def schema_of_words(known: Iterable[str]) -> dict[str, object]:
    """Give the schema of a list of known words."""
    return schema_of_list({"enum": list(known)})


def schema_of_list(items: Mapping[str, object]) -> dict[str, object]:
    """Give the schema of a list of at least one thing."""
    return {"type": "array", "minItems": 1, "items": items}
