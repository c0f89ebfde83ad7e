# SPDX-License-Identifier: Apache-2.0
"""The question about a class of people, out of strict YAML 1.2 (specs/audit.md, part 2).

Who is meant, by an agreement and a side; which of their records, by category and period; which use, by purpose,
recipient and act; and what a claim of them comes to a person. Each problem is named where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

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
    schema_of_words,
)
from privity.canonical.instants import Instant
from privity.entries.fields import present
from privity.policy.grammar import Keys
from privity.policy.nodes import Leaf, Node, read_text, read_value
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

QUESTION: Final = Keys(
    required=("class", "title", "members", "records", "use"), optional=("exposure",)
)
MEMBERS: Final = Keys(required=("sides",), optional=("agreement",))
RECORDS: Final = Keys(required=("categories",), optional=("from", "before"))
USE: Final = Keys(
    required=("purposes", "recipients"),
    optional=("acts", "from", "before", "at", "known", "recipient"),
)
EXPOSURE: Final = Keys(required=("sum", "currency"), optional=("by",))

WHAT: Final = "question about a class"
HIGHEST_SUM: Final = 1_000_000_000
"""Of a currency's whole units, a person."""
CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
SUM: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What a claim comes to.

    Attributes:
        sum: A person, in whole units of the currency.
        currency: The ISO 4217 code.
        by: What the sum rests on, or None.
    """

    sum: int
    currency: str
    by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassQuestion:
    """Was this class of people's content used so?

    Attributes:
        name: The class's name.
        title: What it is called in a report.
        agreement: What its members held when a record was made; None is everybody.
        sides: On which side of a record they stand: the author sends, an addressee receives.
        categories: Which records: these, and what is under them.
        made: When these were made.
        purposes: For what: uses overlap these.
        roles: For whom, by the recipient's role.
        acts: What counts as a use: made ready as a release, handed over, trained on.
        used: When that was entered.
        at: When what was found outside would have been used; None asks no decision about it.
        known: Up to when anything is believed for such a decision; None is `at`.
        recipient: For whom such a decision is asked; None is whoever on the register has one of the roles.
        exposure: What a claim comes to, or None.
    """

    name: str
    title: str
    agreement: str | None = None
    sides: tuple[Side, ...] = SIDES
    categories: tuple[str, ...]
    made: Period = ALWAYS
    purposes: tuple[str, ...]
    roles: tuple[str, ...]
    acts: tuple[ActKind, ...] = ACTS
    used: Period = ALWAYS
    at: Instant | None = None
    known: Instant | None = None
    recipient: str | None = None
    exposure: Exposure | None = None

    def asked_of(
        self,
        *,
        at: Instant | None = None,
        known: Instant | None = None,
        recipient: str | None = None,
    ) -> ClassQuestion:
        """Give the question with other particulars of a decision; None leaves one as it is."""
        return replace(
            self,
            at=self.at if at is None else at,
            known=self.known if known is None else known,
            recipient=self.recipient if recipient is None else recipient,
        )

    def to_plain(self) -> dict[str, Any]:
        """Give it as plain values, in the form of its file ([AUD-31])."""
        plain: dict[str, Any] = {
            "class": self.name,
            "title": self.title,
            "members": present(agreement=self.agreement, sides=list(self.sides)),
            "records": {"categories": list(self.categories), **self.made.to_plain()},
            "use": present(
                purposes=list(self.purposes),
                recipients=list(self.roles),
                acts=list(self.acts),
                recipient=self.recipient,
                **self.used.to_plain(),
                **plain_instants(at=self.at, known=self.known),
            ),
        }
        if self.exposure is not None:
            plain["exposure"] = present(
                sum=self.exposure.sum, currency=self.exposure.currency, by=self.exposure.by
            )
        return plain


def parse_question(text: str, *, file: str) -> ClassQuestion:
    """Read the question of a file.

    Args:
        text: The whole file.
        file: Its name, for messages.

    Raises:
        InputError: The first problem in the text.
    """
    return _read(read_text(text, file=file, what=WHAT))


def question_of(plain: Mapping[str, Any], *, file: str) -> ClassQuestion:
    """Read what `to_plain` gives.

    Args:
        plain: The question.
        file: Where it stands, for messages.

    Raises:
        InputError: The first problem in it.
    """
    return _read(read_value(plain, file=file))


def _read(root: Node) -> ClassQuestion:
    reader = _QuestionReader(WHAT)
    return reader.whole(reader.question(root))


class _QuestionReader(AskedReader):
    """Reads one question."""

    def question(self, root: Node) -> ClassQuestion:
        fields = self.fields(root, "", QUESTION)
        members = self.part(fields, "members", MEMBERS)
        records = self.part(fields, "records", RECORDS)
        use = self.part(fields, "use", USE)
        return ClassQuestion(
            name=self.name(fields.get("class"), "class"),
            title=self.name(fields.get("title"), "title"),
            agreement=self.name(members.get("agreement"), "members.agreement") or None,
            sides=self.choices(members.get("sides"), "members.sides", SIDES),
            categories=self.terms(records.get("categories"), "records.categories", CATEGORIES),
            made=self.period(records, "records"),
            purposes=self.terms(use.get("purposes"), "use.purposes", PURPOSES),
            roles=self.terms(use.get("recipients"), "use.recipients", ROLES),
            acts=self.choices(use.get("acts"), "use.acts", ACTS),
            used=self.period(use, "use"),
            at=self.when(use, "at", "use.at"),
            known=self.when(use, "known", "use.known"),
            recipient=self.name(use.get("recipient"), "use.recipient") or None,
            exposure=self._exposure(fields.get("exposure")),
        )

    def _exposure(self, node: Node | None) -> Exposure | None:
        if node is None:
            return None
        fields = self.fields(node, "exposure", EXPOSURE)
        currency = self.shaped(
            fields.get("currency"),
            "exposure.currency",
            CURRENCY,
            "the three letters of a currency such as `USD`",
        )
        return Exposure(
            sum=self._sum(fields.get("sum"), "exposure.sum"),
            currency=currency or "",
            by=self.name(fields.get("by"), "exposure.by") or None,
        )

    def _sum(self, node: Node | None, path: str) -> int:
        if node is None:
            return 0
        if isinstance(node, Leaf) and node.kind == "number" and SUM.fullmatch(node.text):
            amount = int(node.text)
            if amount <= HIGHEST_SUM:
                return amount
        self.unexpected(
            node, path, f"a whole sum from 1 to {HIGHEST_SUM}, without a sign or commas"
        )
        return 0


def schema() -> dict[str, object]:
    """Give the JSON Schema of question files, for editors; what it refuses the reader refuses too."""
    use = schema_of_keys(
        USE,
        purposes=schema_of_words(PURPOSES),
        recipients=schema_of_words(ROLES),
        acts=schema_of_words(ACTS),
        at=INSTANT_SCHEMA,
        known=INSTANT_SCHEMA,
        recipient=NAME_SCHEMA,
        **PERIOD_SCHEMA,
    )
    exposure = schema_of_keys(
        EXPOSURE,
        sum={"type": "integer", "minimum": 1, "maximum": HIGHEST_SUM},
        currency={"type": "string", "pattern": f"^{CURRENCY.pattern}$"},
        by=NAME_SCHEMA,
    )
    parts = {
        "class": NAME_SCHEMA,
        "title": NAME_SCHEMA,
        "members": schema_of_keys(MEMBERS, agreement=NAME_SCHEMA, sides=schema_of_words(SIDES)),
        "records": schema_of_keys(
            RECORDS, categories=schema_of_words(CATEGORIES), **PERIOD_SCHEMA
        ),
        "use": use,
        "exposure": exposure,
    }
    return schema_of_file("A question about a class of people", QUESTION, **parts)
