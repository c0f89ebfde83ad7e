# SPDX-License-Identifier: Apache-2.0
"""A public statement of what was never done, out of strict YAML 1.2 (specs/audit.md, part 4).

The words that were said, and beside them what they come to: whose records, which of them, and which use. What is left
out stands for all. Each problem is named where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from privity.audit.acts import ACTS, ActKind
from privity.audit.asked import (
    ALWAYS,
    INSTANT_SCHEMA,
    NAME_SCHEMA,
    PERIOD_SCHEMA,
    SIDES,
    AskedReader,
    Period,
    Side,
    plain_instants,
    schema_of_file,
    schema_of_keys,
    schema_of_list,
    schema_of_words,
)
from privity.canonical.instants import Instant
from privity.policy.grammar import Keys
from privity.policy.nodes import Node, read_text, read_value
from privity.vocabulary.places import GROUPS, is_code, unknown_place
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

When = Literal["made", "used"]
WHENS: Final[tuple[When, ...]] = get_args(When)
"""The instants at which a member is looked at: when the record was made, and when it was used."""

STATEMENT: Final = Keys(required=("statement", "says", "never"), optional=("by", "said_at"))
NEVER: Final = Keys(optional=("members", "records", "use"))
MEMBERS: Final = Keys(optional=("in", "agreement", "sides", "when"))
RECORDS: Final = Keys(optional=("categories", "from", "before"))
USE: Final = Keys(optional=("acts", "purposes", "recipients", "from", "before"))

WHAT: Final = "statement"


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
    made: Period = ALWAYS
    acts: tuple[ActKind, ...] = ACTS
    purposes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    used: Period = ALWAYS

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
            "records": _present({"categories": list(self.categories), **self.made.to_plain()}),
            "use": _present(
                {
                    "acts": list(self.acts),
                    "purposes": list(self.purposes),
                    "recipients": list(self.roles),
                    **self.used.to_plain(),
                }
            ),
        }
        return {
            "statement": self.name,
            "says": self.says,
            **_present({"by": self.by, **plain_instants(said_at=self.said_at)}),
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
    return reader.whole(reader.statement(root))


class _StatementReader(AskedReader):
    """Reads one statement."""

    def statement(self, root: Node) -> StatementQuestion:
        fields = self.fields(root, "", STATEMENT)
        never = self.part(fields, "never", NEVER)
        members = self.part(never, "members", MEMBERS, within="never.")
        if "members" in never and not {"in", "agreement"} & members.keys():
            self.report(
                "`never.members` says nothing of members, expected `in` or `agreement`",
                "audit/members",
                never["members"].where,
                "Leave `members` out where it is about everybody.",
            )
        records = self.part(never, "records", RECORDS, within="never.")
        use = self.part(never, "use", USE, within="never.")
        return StatementQuestion(
            name=self.name(fields.get("statement"), "statement"),
            says=self.name(fields.get("says"), "says"),
            by=self.name(fields.get("by"), "by") or None,
            said_at=self.when(fields, "said_at", "said_at"),
            places=self._places(members.get("in"), "never.members.in"),
            agreement=self.name(members.get("agreement"), "never.members.agreement") or None,
            sides=self.choices(members.get("sides"), "never.members.sides", SIDES),
            whens=self.choices(members.get("when"), "never.members.when", WHENS),
            categories=self.terms(
                records.get("categories"), "never.records.categories", CATEGORIES
            ),
            made=self.period(records, "never.records"),
            acts=self.choices(use.get("acts"), "never.use.acts", ACTS),
            purposes=self.terms(use.get("purposes"), "never.use.purposes", PURPOSES),
            roles=self.terms(use.get("recipients"), "never.use.recipients", ROLES),
            used=self.period(use, "never.use"),
        )

    def _places(self, node: Node | None, path: str) -> tuple[str, ...]:
        """Read a list of ISO codes and names of dated groups."""

        def place(item: Node, where: str) -> str:
            text = self.text(item, where, "a place such as `EU` or `GB`")
            if text is not None and text not in GROUPS and not is_code(text):
                self.again(unknown_place(text), item.where, where)
            return text or ""

        return tuple(dict.fromkeys(self.each(node, path, place, empty=False)))


def _present(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what stands for all."""
    return {key: one for key, one in keys.items() if one not in (None, [], {})}


def schema() -> dict[str, object]:
    """Give the JSON Schema of statement files, for editors; what it refuses the reader refuses too."""
    place = {
        "type": "string",
        "pattern": "^[A-Z]{2,3}$",
        "description": "An ISO 3166-1 code such as GB, or EU or EEA.",
    }

    members: dict[str, object] = {
        "in": schema_of_list(place),
        "agreement": NAME_SCHEMA,
        "sides": schema_of_words(SIDES),
        "when": schema_of_words(WHENS),
    }
    use = schema_of_keys(
        USE,
        acts=schema_of_words(ACTS),
        purposes=schema_of_words(PURPOSES),
        recipients=schema_of_words(ROLES),
        **PERIOD_SCHEMA,
    )
    never = schema_of_keys(
        NEVER,
        members={
            **schema_of_keys(MEMBERS, **members),
            "anyOf": [{"required": ["in"]}, {"required": ["agreement"]}],
        },
        records=schema_of_keys(
            RECORDS, categories=schema_of_words(CATEGORIES), **PERIOD_SCHEMA
        ),
        use=use,
    )
    return schema_of_file(
        "What was never done, as somebody said",
        STATEMENT,
        statement=NAME_SCHEMA,
        says=NAME_SCHEMA,
        by=NAME_SCHEMA,
        said_at=INSTANT_SCHEMA,
        never=never,
    )
