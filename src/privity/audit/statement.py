# SPDX-License-Identifier: Apache-2.0
"""A public statement of what was never done, out of strict YAML 1.2 (specs/audit.md, part 4).

The words that were said, and beside them what they come to: whose records, which of them, and which use. What is left
out stands for all. Each problem is named where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, get_args

from privity.audit.acts import ACTS, ActKind
from privity.audit.question import SIDES, Period, Side
from privity.canonical.instants import Instant, format_instant
from privity.policy import grammar
from privity.policy.fields import Reader
from privity.policy.grammar import Keys
from privity.policy.nodes import Node, read_text, read_value
from privity.vocabulary.places import GROUPS, is_code, unknown_place
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES, Tree

When = Literal["made", "used"]
WHENS: Final[tuple[When, ...]] = get_args(When)
"""The instants at which a member is looked at: when the record was made, and when it was used."""

STATEMENT: Final = Keys(required=("statement", "says", "never"), optional=("by", "said_at"))
NEVER: Final = Keys(optional=("members", "records", "use"))
MEMBERS: Final = Keys(optional=("in", "agreement", "sides", "when"))
RECORDS: Final = Keys(optional=("categories", "from", "before"))
USE: Final = Keys(optional=("acts", "purposes", "recipients", "from", "before"))

WHAT: Final = "statement"
_ALWAYS: Final = Period()

_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementQuestion:
    """What is said never to have been done; an empty list stands for all.

    Attributes:
        name: Its name.
        says: The words that were said.
        by: Who said them, or None.
        said_at: When, or None.
        places: Members in one of these, by code or dated group.
        agreement: Members who held this agreement; with `places` the same member, at the same instant.
        sides: On which side of a record they stand: the author sends, an addressee receives.
        whens: The instants at which they are looked at: one is enough.
        categories: Which records: these, and what is under them.
        made: When these were made.
        acts: What was never done.
        purposes: For what: these, and what is under them.
        roles: For whom, by the recipient's role.
        used: When.
    """

    name: str
    says: str
    by: str | None = None
    said_at: Instant | None = None
    places: tuple[str, ...] = ()
    agreement: str | None = None
    sides: tuple[Side, ...] = SIDES
    whens: tuple[When, ...] = WHENS
    categories: tuple[str, ...] = ()
    made: Period = _ALWAYS
    acts: tuple[ActKind, ...] = ACTS
    purposes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    used: Period = _ALWAYS

    @property
    def about_members(self) -> bool:
        """Whether whose the records are matters, and with it what private entries say."""
        return bool(self.places) or self.agreement is not None

    def to_plain(self) -> dict[str, Any]:
        """Give it as plain values, in the form of its file ([AUD-101])."""
        members = _present(
            {
                "in": list(self.places),
                "agreement": self.agreement,
                "sides": list(self.sides),
                "when": list(self.whens),
            }
        )
        never = {
            "members": members if self.about_members else {},
            "records": _present({"categories": list(self.categories), **_period(self.made)}),
            "use": _present(
                {
                    "acts": list(self.acts),
                    "purposes": list(self.purposes),
                    "recipients": list(self.roles),
                    **_period(self.used),
                }
            ),
        }
        said_at = None if self.said_at is None else format_instant(self.said_at)
        return {
            "statement": self.name,
            "says": self.says,
            **_present({"by": self.by, "said_at": said_at}),
            "never": _present(never),
        }


def parse_statement(text: str, *, file: str) -> StatementQuestion:
    """Read the statement of a file.

    Args:
        text: The whole file.
        file: Its name, for messages.

    Raises:
        InputError: The first problem in the text.
    """
    return _read(read_text(text, file=file, what=WHAT))


def statement_of(plain: Mapping[str, Any], *, file: str) -> StatementQuestion:
    """Read what `to_plain` gives.

    Args:
        plain: The statement.
        file: Where it stands, for messages.

    Raises:
        InputError: The first problem in it.
    """
    return _read(read_value(plain, file=file))


def _read(root: Node) -> StatementQuestion:
    reader = _StatementReader(WHAT)
    found = reader.statement(root)
    problems = reader.in_order()
    if problems:
        raise problems[0]
    return found


class _StatementReader(Reader):
    """Reads one statement."""

    def statement(self, root: Node) -> StatementQuestion:
        fields = self.fields(root, "", STATEMENT)
        never = self._part(fields, "never", "never", NEVER)
        members = self._part(never, "members", "never.members", MEMBERS)
        if "members" in never and not {"in", "agreement"} & members.keys():
            self.report(
                "`never.members` says nothing of members, expected `in` or `agreement`",
                "audit/members",
                never["members"].where,
                "Leave `members` out where it is about everybody.",
            )
        records = self._part(never, "records", "never.records", RECORDS)
        use = self._part(never, "use", "never.use", USE)
        return StatementQuestion(
            name=self.name(fields.get("statement"), "statement"),
            says=self.name(fields.get("says"), "says"),
            by=self.name(fields.get("by"), "by") or None,
            said_at=self._when(fields, "said_at", "said_at"),
            places=self._places(members.get("in"), "never.members.in"),
            agreement=self.name(members.get("agreement"), "never.members.agreement") or None,
            sides=self._choices(members.get("sides"), "never.members.sides", SIDES),
            whens=self._choices(members.get("when"), "never.members.when", WHENS),
            categories=self._terms(
                records.get("categories"), "never.records.categories", CATEGORIES
            ),
            made=self._period(records, "never.records"),
            acts=self._choices(use.get("acts"), "never.use.acts", ACTS),
            purposes=self._terms(use.get("purposes"), "never.use.purposes", PURPOSES),
            roles=self._terms(use.get("recipients"), "never.use.recipients", ROLES),
            used=self._period(use, "never.use"),
        )

    def _part(
        self, fields: Mapping[str, Node], key: str, path: str, keys: Keys
    ) -> Mapping[str, Node]:
        return self.fields(fields[key], path, keys) if key in fields else {}

    def _terms(self, node: Node | None, path: str, tree: Tree) -> tuple[str, ...]:
        """Read a list of terms; in their order, each once."""

        def term(item: Node, place: str) -> str:
            return self.word(item, place, tree.kind, tree.parents)

        return tuple(dict.fromkeys(self.each(node, path, term, empty=False)))

    def _places(self, node: Node | None, path: str) -> tuple[str, ...]:
        """Read a list of ISO codes and names of dated groups."""

        def place(item: Node, where: str) -> str:
            text = self.text(item, where, "a place such as `EU` or `GB`")
            if text is not None and text not in GROUPS and not is_code(text):
                self.again(unknown_place(text), item.where, where)
            return text or ""

        return tuple(dict.fromkeys(self.each(node, path, place, empty=False)))

    def _choices(
        self, node: Node | None, path: str, known: tuple[_Word, ...]
    ) -> tuple[_Word, ...]:
        """Read a list of a few words, in their own order; left out: all of them."""
        found = self.each(
            node, path, lambda one, place: self.choice(one, place, known), empty=False
        )
        return tuple(word for word in known if node is None or word in found)

    def _period(self, fields: Mapping[str, Node], path: str) -> Period:
        start = self._when(fields, "from", f"{path}.from")
        end = self._when(fields, "before", f"{path}.before")
        if start is not None and end is not None and start >= end:
            self.report(
                f"`{path}` ends at {format_instant(end)}, expected an end after its beginning",
                "audit/period",
                fields["before"].where,
            )
        return Period(start=start, end=end)

    def _when(self, fields: Mapping[str, Node], key: str, path: str) -> Instant | None:
        return self.instant(fields[key], path) if key in fields else None


def _present(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what stands for all."""
    return {key: one for key, one in keys.items() if one not in (None, [], {})}


def _period(period: Period) -> dict[str, str]:
    ends = {"from": period.start, "before": period.end}
    return {key: format_instant(one) for key, one in ends.items() if one is not None}


def schema() -> dict[str, object]:
    """Give the JSON Schema of statement files, for editors; what it refuses the reader refuses too."""
    name = {"type": "string", "minLength": 1, "maxLength": grammar.LONGEST_NAME}
    instant = {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.0+)?(Z|[+-]\d{2}:\d{2})$",
        "description": "An instant with a zone and whole seconds, such as 2024-09-18T00:00:00Z.",
    }
    place = {
        "type": "string",
        "pattern": "^[A-Z]{2,3}$",
        "description": "An ISO 3166-1 code such as GB, or EU or EEA.",
    }

    def listed(items: Mapping[str, object]) -> dict[str, object]:
        return {"type": "array", "minItems": 1, "items": items}

    def words(known: Iterable[str]) -> dict[str, object]:
        return listed({"enum": list(known)})

    def mapping(keys: Keys, **properties: object) -> dict[str, object]:
        return {
            "type": "object",
            "additionalProperties": False,
            "required": list(keys.required),
            "properties": properties,
        }

    period = {"from": instant, "before": instant}
    members: dict[str, object] = {
        "in": listed(place),
        "agreement": name,
        "sides": words(SIDES),
        "when": words(WHENS),
    }
    use = mapping(
        USE,
        acts=words(ACTS),
        purposes=words(PURPOSES),
        recipients=words(ROLES),
        **period,
    )
    never = mapping(
        NEVER,
        members={
            **mapping(MEMBERS, **members),
            "anyOf": [{"required": ["in"]}, {"required": ["agreement"]}],
        },
        records=mapping(RECORDS, categories=words(CATEGORIES), **period),
        use=use,
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What was never done, as somebody said",
        **mapping(STATEMENT, statement=name, says=name, by=name, said_at=instant, never=never),
    }
