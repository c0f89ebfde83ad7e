# SPDX-License-Identifier: Apache-2.0
"""Trees of terms: categories, purposes and roles, with *contain* and *overlap* (specs/vocabulary.md).

A grant must contain what is asked; a refusal need only overlap it. Roles are a flat tree.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final

from privity.errors import InputError
from privity.vocabulary.sentences import say

_MOST_SHOWN: Final = 60


@dataclass(frozen=True)
class Tree:
    """One kind of term with its parents.

    Attributes:
        kind: What the terms are, in the singular, for messages: `category`, `purpose`, `role`.
        parents: Each term's parent, or None for a root.
        labels: What people read for each term.
    """

    kind: str
    parents: Mapping[str, str | None]
    labels: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, term: object) -> bool:
        """Tell whether `term` is known."""
        return term in self.parents

    def __iter__(self) -> Iterator[str]:
        """Iterate over the terms in the order of the vocabulary."""
        return iter(self.parents)

    def ancestors(self, term: str) -> tuple[str, ...]:
        """Give `term` and its ancestors, nearest first; a term that is unknown has only itself."""
        return self._lines.get(term) or (term,)

    @cached_property
    def _lines(self) -> Mapping[str, tuple[str, ...]]:
        """Each term's ancestors, worked out once: they are asked for at every turn."""
        lines = {}
        for term in self.parents:
            found = [term]
            while (parent := self.parents.get(found[-1])) is not None:
                found.append(parent)
            lines[term] = tuple(found)
        return lines

    @cached_property
    def _near(self) -> Mapping[str, frozenset[str]]:
        """Each term's ancestors and what it is one of, likewise."""
        below: dict[str, set[str]] = {term: set() for term in self.parents}
        for term, line in self._lines.items():
            for one in line:
                below.setdefault(one, set()).add(term)
        return {
            term: frozenset(line) | frozenset(below[term]) for term, line in self._lines.items()
        }

    def contains(self, outer: str, inner: str) -> bool:
        """Tell whether `outer` is `inner` or one of its ancestors."""
        return outer in self.ancestors(inner)

    def overlaps(self, one: str, other: str) -> bool:
        """Tell whether the terms are the same or either is an ancestor of the other."""
        return one in self._near.get(other, (other,))

    def any_contains(self, outers: Iterable[str], inner: str) -> bool:
        """Tell whether any of `outers` contains `inner`."""
        line = self.ancestors(inner)
        return any(outer in line for outer in outers)

    def any_overlaps(self, terms: Iterable[str], term: str) -> bool:
        """Tell whether any of `terms` overlaps `term`."""
        near = self._near.get(term, frozenset((term,)))
        return not near.isdisjoint(terms)

    def label(self, term: str) -> str:
        """Give what people read for a term; a term without a label reads as itself."""
        return self.labels.get(term, term)

    def require(self, term: str) -> str:
        """Give `term` back if it is known.

        Raises:
            InputError: It is not; the message names the nearest known terms.
        """
        if term in self.parents:
            return term
        raise unknown(self.kind, term, self.parents)


def quoted(text: str) -> str:
    """Give somebody's text in backticks for a message: on one line, cut where it is long."""
    return f"`{in_short(text)}`"


def in_short(text: str) -> str:
    """Give somebody's text on one line, without what does not show, cut where it is long."""
    shown = "".join(char if char.isprintable() else "�" for char in text[: _MOST_SHOWN + 1])
    return shown if len(text) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…"


def unknown(kind: str, seen: str, known: Iterable[str]) -> InputError:
    """Make the error for a word that is not known, naming the nearest ones that are."""
    choices = sorted(known)
    near = difflib.get_close_matches(seen, choices, n=3, cutoff=0.6)
    expected = " or ".join(f"`{word}`" for word in near) if near else _listed(choices)
    return InputError(
        f"unknown {kind} {quoted(seen)}, expected {expected}",
        code=f"vocabulary/unknown-{kind}",
        hint=f"did you mean `{near[0]}`?" if near else None,
    )


def _listed(choices: list[str]) -> str:
    if not choices:
        return "none, there are none"
    shown = ", ".join(f"`{word}`" for word in choices[:12])
    return "one of " + shown + (", …" if len(choices) > 12 else "")  # noqa: PLR2004 - a line's worth


@cache
def vocabulary() -> Mapping[str, Any]:
    """Load the vocabulary's data: its `version`, one table for each kind of term, `dpv`."""
    text = (
        resources.files("privity.vocabulary")
        .joinpath("data/vocabulary.json")
        .read_text("utf-8")
    )
    data: Mapping[str, Any] = json.loads(text)
    return data


def _tree(kind: str, table: str) -> Tree:
    terms = vocabulary()[table]
    return Tree(
        kind,
        {name: entry["parent"] for name, entry in terms.items()},
        {name: say(entry["label"]) for name, entry in terms.items()},
    )


CATEGORIES: Final = _tree("category", "categories")
PURPOSES: Final = _tree("purpose", "purposes")
ROLES: Final = _tree("role", "roles")
OBLIGATION_LABELS: Final[Mapping[str, str]] = {
    name: say(entry["label"]) for name, entry in vocabulary()["obligations"].items()
}
OBLIGATIONS: Final = tuple(OBLIGATION_LABELS)
REASONS: Final = tuple(vocabulary()["reasons"])
"""All reasons; a reason's index is its bit."""
DECIDED: Final = tuple(
    name for name, entry in vocabulary()["reasons"].items() if entry["asks"] != "text"
)
"""Those of the decision rule, in the order of its table; the others rest on a record's text."""
