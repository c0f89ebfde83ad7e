# SPDX-License-Identifier: Apache-2.0
"""Trees of terms: categories, purposes and roles, with *contain* and *overlap* (specs/vocabulary.md).

A grant must contain what is asked; a refusal need only overlap it. Roles are a flat tree.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from privity.errors import InputError


@dataclass(frozen=True, slots=True)
class Tree:
    """One kind of term with its parents.

    Attributes:
        kind: What the terms are, in the singular, for messages: `category`, `purpose`, `role`.
        parents: Each term's parent, or None for a root.
    """

    kind: str
    parents: Mapping[str, str | None]

    def __contains__(self, term: object) -> bool:
        """Tell whether `term` is known."""
        return term in self.parents

    def __iter__(self) -> Any:
        """Iterate over the terms in the order of the vocabulary."""
        return iter(self.parents)

    def ancestors(self, term: str) -> tuple[str, ...]:
        """Give `term` and its ancestors, nearest first; a term that is unknown has only itself."""
        found = [term]
        while (parent := self.parents.get(found[-1])) is not None:
            found.append(parent)
        return tuple(found)

    def contains(self, outer: str, inner: str) -> bool:
        """Tell whether `outer` is `inner` or one of its ancestors."""
        return outer in self.ancestors(inner)

    def overlaps(self, one: str, other: str) -> bool:
        """Tell whether the terms are the same or either is an ancestor of the other."""
        return self.contains(one, other) or self.contains(other, one)

    def any_contains(self, outers: Iterable[str], inner: str) -> bool:
        """Tell whether any of `outers` contains `inner`."""
        return any(self.contains(outer, inner) for outer in outers)

    def any_overlaps(self, terms: Iterable[str], term: str) -> bool:
        """Tell whether any of `terms` overlaps `term`."""
        return any(self.overlaps(one, term) for one in terms)

    def require(self, term: str) -> str:
        """Give `term` back if it is known.

        Raises:
            InputError: It is not; the message names the nearest known terms.
        """
        if term in self.parents:
            return term
        raise unknown(self.kind, term, self.parents)


def unknown(kind: str, seen: str, known: Iterable[str]) -> InputError:
    """Make the error for a word that is not known, naming the nearest ones that are."""
    choices = sorted(known)
    near = difflib.get_close_matches(seen, choices, n=3, cutoff=0.5)
    expected = " or ".join(f"`{word}`" for word in near) if near else _listed(choices)
    return InputError(
        f"unknown {kind} `{seen}`, expected {expected}",
        code=f"vocabulary/unknown-{kind}",
        hint=f"Did you mean `{near[0]}`?" if near else None,
    )


def _listed(choices: list[str]) -> str:
    if not choices:
        return "none, there are none"
    shown = ", ".join(f"`{word}`" for word in choices[:12])
    return "one of " + shown + (", …" if len(choices) > 12 else "")  # noqa: PLR2004 - a line's worth


@cache
def vocabulary() -> Mapping[str, Any]:
    """Load the vocabulary's data: `version`, `categories`, `purposes`, `roles`, `reasons`."""
    text = (
        resources.files("privity.vocabulary")
        .joinpath("data/vocabulary.json")
        .read_text("utf-8")
    )
    data: Mapping[str, Any] = json.loads(text)
    return data


def _tree(kind: str, table: str) -> Tree:
    terms = vocabulary()[table]
    return Tree(kind, {name: entry.get("parent") for name, entry in terms.items()})


CATEGORIES: Final = _tree("category", "categories")
PURPOSES: Final = _tree("purpose", "purposes")
ROLES: Final = _tree("role", "roles")
OBLIGATIONS: Final = tuple(vocabulary()["obligations"])
REASONS: Final = tuple(vocabulary()["reasons"])
"""All reasons in the order of the table of specs/decision.md; a reason's index is its bit."""
