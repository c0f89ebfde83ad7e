# SPDX-License-Identifier: Apache-2.0
"""Nodes to a `Version` (specs/policy.md part 2): one function for each kind of mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final

from privity.canonical.instants import Instant
from privity.errors import InputError, Where
from privity.policy import grammar
from privity.policy.fields import Reader
from privity.policy.model import (
    Agreement,
    Answer,
    CopyRule,
    DefaultLine,
    Notice,
    ObligationRule,
    Places,
    Rule,
    Scope,
    Setting,
    Version,
)
from privity.policy.nodes import Leaf, Node, Table
from privity.vocabulary.places import GROUPS, is_code, unknown_place
from privity.vocabulary.terms import CATEGORIES, OBLIGATIONS, PURPOSES, ROLES, Tree, quoted

_TREES: Final[Mapping[str, Tree]] = {
    "purposes": PURPOSES,
    "categories": CATEGORIES,
    "recipients": ROLES,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What came of reading one policy file.

    Attributes:
        version: The version, or None where there is a problem.
        problems: Every problem, in the order of the text.
        marks: Where each value stands, by its path such as `settings.genai-improvement.notice`.
        unused_groups: The policy's own groups that nothing names.
        stated: When the text itself says that it was published, or None.
        unpublished: Whether neither text nor ledger says it, and the version is taken as published when it takes effect.
    """

    version: Version | None
    problems: tuple[InputError, ...] = ()
    marks: Mapping[str, Where] = field(default_factory=dict)
    unused_groups: tuple[str, ...] = ()
    stated: Instant | None = None
    unpublished: bool = False


def read_version(
    root: Node, *, file: str, published_at: Instant | None = None, draft: bool = False
) -> Reading:
    """Read one policy version.

    Args:
        root: The whole document.
        file: Its name, for `Version.source`.
        published_at: When a ledger says that it was published: this counts, whatever the text says ([POL-34]).
            None is no ledger, and the text must say it.
        draft: Without a ledger, take a text that does not say it as published when it takes effect ([POL-35]).
    """
    reader = _PolicyReader(published_at, draft=draft)
    version = reader.version(root, file)
    problems = reader.in_order()
    return Reading(
        version=None if problems else version,
        problems=problems,
        marks=reader.marks,
        unused_groups=tuple(name for name in reader.groups if name not in reader.used),
        stated=reader.stated,
        unpublished=reader.unpublished,
    )


class _PolicyReader(Reader):
    """Reads one policy; `groups` are its own, once read, and `used` those that are named."""

    def __init__(self, published_at: Instant | None, *, draft: bool) -> None:
        super().__init__()
        self.groups: Mapping[str, Places] = {}
        self.used: set[str] = set()
        self.stated: Instant | None = None
        self.unpublished = False
        self._published_at = published_at
        self._draft = draft

    def version(self, root: Node, file: str) -> Version:
        fields = self.fields(root, "", grammar.POLICY)
        self.groups = self.read_groups(fields.get("groups"))
        effective_at = self.instant(fields.get("effective_at"), "effective_at")
        return Version(
            policy=self.name(fields.get("policy"), "policy"),
            version=self.version_name(fields.get("version")),
            controller=self.name(fields.get("controller"), "controller"),
            published_at=self.publication(root, fields, effective_at),
            effective_at=effective_at,
            groups=self.groups,
            settings=self.named(fields.get("settings"), "settings", self.setting),
            notices=self.named(fields.get("notices"), "notices", self.notice),
            agreements=self.named(fields.get("agreements"), "agreements", self.agreement),
            forbid=self.each(fields.get("forbid"), "forbid", self.forbid),
            obligations=self.each(fields.get("obligations"), "obligations", self.obligation),
            group_audience=self.group_audience(fields.get("parties")),
            copies=self.copies(fields.get("copies")),
            source=file,
        )

    def publication(
        self, root: Node, fields: Mapping[str, Node], effective_at: Instant
    ) -> Instant:
        """Read when the version was published, where no ledger says it."""
        if "published_at" in fields:
            self.stated = self.instant(fields["published_at"], "published_at")
        elif self._published_at is None and self._draft and "effective_at" in fields:
            self.unpublished = True
            return effective_at
        elif self._published_at is None and isinstance(root, Table):
            self.report(
                "the policy has no key `published_at`, expected one",
                "policy/missing-key",
                root.where,
                "Write when it was published; only in a workspace the ledger says it.",
            )
        return (self._published_at if self._published_at is not None else self.stated) or 0

    def version_name(self, node: Node | None) -> str:
        """Read the version's name, in quotes where other readers would take it for a date."""
        name = self.name(node, "version")
        if (
            isinstance(node, Leaf)
            and node.kind == "text"
            and not node.quoted
            and grammar.LOOKS_DATED.fullmatch(name)
        ):
            self.unexpected(node, "version", "a name in quotes", f'write `"{name}"`')
        return name

    def setting(self, node: Node, path: str, name: str) -> Setting:
        fields = self.fields(node, path, grammar.SETTING)
        window = self.duration(fields.get("objection_window"), f"{path}.objection_window")
        if "age_proof" in fields:
            self.choice(fields["age_proof"], f"{path}.age_proof", grammar.AGE_PROOFS)
        return Setting(
            id=name,
            label=self.name(fields.get("label"), f"{path}.label"),
            scope=self.scope(fields, path),
            live_from=self.instant(fields.get("live_from"), f"{path}.live_from"),
            exempt=self.places(fields.get("exempt"), f"{path}.exempt", empty=True),
            default=self.each(fields.get("default"), f"{path}.default", self.default_line),
            explicit_only=self.terms(
                fields.get("explicit_only"), f"{path}.explicit_only", CATEGORIES, empty=True
            ),
            notice=self.name(fields.get("notice"), f"{path}.notice") or None,
            objection_window=window,
            minimum_age=self.age(fields.get("minimum_age"), f"{path}.minimum_age"),
            age_proof="age_proof" in fields,
        )

    def default_line(self, node: Node, path: str) -> DefaultLine:
        fields = self.fields(node, path, grammar.DEFAULT_LINE)
        value = self.choice(fields.get("value"), f"{path}.value", grammar.DEFAULT_VALUES)
        places = self.places(fields["in"], f"{path}.in") if "in" in fields else None
        return DefaultLine(places=places, on=value == "on")

    def notice(self, node: Node, path: str, name: str) -> Notice:
        fields = self.fields(node, path, grammar.NOTICE)
        return Notice(
            id=name,
            effective_at=self.instant(fields.get("effective_at"), f"{path}.effective_at"),
            url=self.shaped(
                fields.get("url"),
                f"{path}.url",
                grammar.URL,
                "an address such as `https://example.com/notice`",
            ),
            sha256=self.shaped(
                fields.get("sha256"),
                f"{path}.sha256",
                grammar.SHA256,
                "64 lower-case hexadecimal digits in quotes",
            ),
            languages=self.each(
                fields.get("languages"), f"{path}.languages", self.language, empty=False
            ),
        )

    def language(self, node: Node, path: str) -> str:
        expected = "a language tag such as `en` or `pt-BR`"
        return self.shaped(node, path, grammar.LANGUAGE, expected) or ""

    def agreement(self, node: Node, path: str, name: str) -> Agreement:
        fields = self.fields(node, path, grammar.AGREEMENT)
        promises = self.each(fields.get("promises"), f"{path}.promises", self.promise)
        return Agreement(id=name, promises=promises)

    def promise(self, node: Node, path: str) -> Rule:
        fields = self.fields(node, path, grammar.PROMISE)
        scope = Scope()
        if "forbid" in fields:
            inner = f"{path}.forbid"
            scope = self.scope(self.fields(fields["forbid"], inner, grammar.SCOPE), inner)
        return Rule(id=self.name(fields.get("id"), f"{path}.id"), scope=scope)

    def forbid(self, node: Node, path: str) -> Rule:
        fields = self.fields(node, path, grammar.FORBID)
        name = self.name(fields.get("id"), f"{path}.id")
        return Rule(id=name, scope=self.scope(fields, path))

    def obligation(self, node: Node, path: str) -> ObligationRule:
        fields = self.fields(node, path, grammar.OBLIGATION)
        words = self.each(fields.get("do"), f"{path}.do", self.obligation_word, empty=False)
        return ObligationRule(scope=self.scope(fields, path), do=words)

    def obligation_word(self, node: Node, path: str) -> str:
        return self.word(node, path, "obligation", OBLIGATIONS)

    def group_audience(self, node: Node | None) -> bool:
        fields = {} if node is None else self.fields(node, "parties", grammar.PARTIES)
        asked = fields.get("group-message")
        return self.choice(asked, "parties.group-message", grammar.AUDIENCES) == "all"

    def copies(self, node: Node | None) -> CopyRule | None:
        if node is None:
            return None
        fields = self.fields(node, "copies", grammar.COPIES)
        found = {key: self.answer(one, f"copies.{key}") for key, one in fields.items()}
        # Where the key is missing that is a problem, and nobody sees this.
        return CopyRule(
            whole=found.get("private-message", "refuse"), passages=found.get("passages")
        )

    def answer(self, node: Node, path: str) -> Answer:
        return "report" if self.choice(node, path, grammar.ANSWERS) == "report" else "refuse"

    # --- terms

    def scope(self, fields: Mapping[str, Node], path: str) -> Scope:
        """Read the three lists; one that is left out is None, which means all."""
        lists = {
            key: self.terms(fields[key], f"{path}.{key}", tree) if key in fields else None
            for key, tree in _TREES.items()
        }
        return Scope(**lists)

    def terms(
        self, node: Node | None, path: str, tree: Tree, *, empty: bool = False
    ) -> tuple[str, ...]:
        def term(item: Node, place: str) -> str:
            return self.word(item, place, tree.kind, tree.parents)

        return self.each(node, path, term, empty=empty)

    # --- places

    def places(self, node: Node | None, path: str, *, empty: bool = False) -> Places:
        """Read a list of codes, built-in groups and groups of the policy, resolved."""

        def place(item: Node, where: str) -> Places:
            return self.place(item, where, self.groups)

        found = self.each(node, path, place, empty=empty)
        return tuple(dict.fromkeys(code for places in found for code in places))

    def place(self, node: Node, path: str, groups: Mapping[str, Places]) -> Places:
        name = self.name(node, path)
        if name in groups:
            self.used.add(name)
            return groups[name]
        if name and name not in GROUPS and not is_code(name):
            self.again(unknown_place(name, groups), node.where, path)
        return (name,)

    def read_groups(self, node: Node | None) -> Mapping[str, Places]:
        """Resolve the policy's groups; a group may name another, and none may contain itself."""
        if isinstance(node, Table):
            for name, where in node.keys.items():
                if name in GROUPS or is_code(name):
                    self.report(
                        f"group {quoted(name)} has the name of a known place, expected a name of "
                        "its own",
                        "policy/group-name",
                        where,
                    )
            names = {name: (name,) for name in node.entries}
        else:
            names = {}

        def members(item: Node, path: str, _: str) -> tuple[tuple[str, Node], ...]:
            def member(one: Node, where: str) -> tuple[str, Node]:
                return self.place(one, where, names)[0], one

            return self.each(item, path, member, empty=False)

        return self.resolve(self.named(node, "groups", members))

    def resolve(
        self, written: Mapping[str, Iterable[tuple[str, Node]]]
    ) -> Mapping[str, Places]:
        inner = {
            name: [place for place, _ in members if place in written]
            for name, members in written.items()
        }
        try:
            order = tuple(TopologicalSorter(inner).static_order())
        except CycleError as error:
            cycle: list[str] = error.args[1]
            first, second = cycle[1], cycle[0]
            node = next(one for place, one in written[first] if place == second)
            self.report(
                f"group {quoted(first)} contains itself, expected places",
                "policy/group-cycle",
                node.where,
            )
            return {}
        done: dict[str, Places] = {}
        for name in order:
            found = (done.get(place, (place,)) for place, _ in written[name])
            done[name] = tuple(dict.fromkeys(code for places in found for code in places))
        return done
