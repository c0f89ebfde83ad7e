# SPDX-License-Identifier: Apache-2.0
"""The question about a class of people, out of strict YAML 1.2 (specs/audit.md, part 2).

Who is meant, by an agreement and a side; which of their records, by category and period; which use, by purpose,
recipient and act; and what a claim of them comes to a person. Each problem is named where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar, get_args

from privity.audit.acts import ACTS, ActKind
from privity.canonical.instants import Instant, format_instant
from privity.entries.fields import present
from privity.policy import grammar
from privity.policy.fields import Reader
from privity.policy.grammar import Keys
from privity.policy.nodes import Leaf, Node, read_text, read_value
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES, Tree

Side = Literal["sender", "receiver"]

SIDES: Final[tuple[Side, ...]] = get_args(Side)

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
    made: Period = Period()
    purposes: tuple[str, ...]
    roles: tuple[str, ...]
    acts: tuple[ActKind, ...] = ACTS
    used: Period = Period()
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
            "records": {"categories": list(self.categories), **_period(self.made)},
            "use": present(
                purposes=list(self.purposes),
                recipients=list(self.roles),
                acts=list(self.acts),
                recipient=self.recipient,
                **_period(self.used),
                **_instants(at=self.at, known=self.known),
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
    question = reader.question(root)
    problems = reader.in_order()
    if problems:
        raise problems[0]
    return question


class _QuestionReader(Reader):
    """Reads one question."""

    def question(self, root: Node) -> ClassQuestion:
        fields = self.fields(root, "", QUESTION)
        members = self._part(fields, "members", MEMBERS)
        records = self._part(fields, "records", RECORDS)
        use = self._part(fields, "use", USE)
        return ClassQuestion(
            name=self.name(fields.get("class"), "class"),
            title=self.name(fields.get("title"), "title"),
            agreement=self.name(members.get("agreement"), "members.agreement") or None,
            sides=self._choices(members.get("sides"), "members.sides", SIDES),
            categories=self._terms(records.get("categories"), "records.categories", CATEGORIES),
            made=self._period(records, "records"),
            purposes=self._terms(use.get("purposes"), "use.purposes", PURPOSES),
            roles=self._terms(use.get("recipients"), "use.recipients", ROLES),
            acts=self._choices(use.get("acts"), "use.acts", ACTS) or ACTS,
            used=self._period(use, "use"),
            at=self._when(use, "at", "use.at"),
            known=self._when(use, "known", "use.known"),
            recipient=self.name(use.get("recipient"), "use.recipient") or None,
            exposure=self._exposure(fields.get("exposure")),
        )

    def _part(self, fields: Mapping[str, Node], key: str, keys: Keys) -> Mapping[str, Node]:
        return self.fields(fields[key], key, keys) if key in fields else {}

    def _terms(self, node: Node | None, path: str, tree: Tree) -> tuple[str, ...]:
        """Read a list of terms; in their order, each once."""

        def term(item: Node, place: str) -> str:
            return self.word(item, place, tree.kind, tree.parents)

        return tuple(dict.fromkeys(self.each(node, path, term, empty=False)))

    def _choices(
        self, node: Node | None, path: str, known: tuple[_Word, ...]
    ) -> tuple[_Word, ...]:
        """Read a list of a few words; in the order of the words, each once."""
        found = self.each(
            node, path, lambda one, place: self.choice(one, place, known), empty=False
        )
        return tuple(word for word in known if word in found)

    def _period(self, fields: Mapping[str, Node], path: str) -> Period:
        period = Period(
            start=self._when(fields, "from", f"{path}.from"),
            end=self._when(fields, "before", f"{path}.before"),
        )
        if (
            period.start is not None
            and period.end is not None
            and period.start >= period.end
            and not self.problems
        ):
            self.report(
                f"`{path}` ends at {format_instant(period.end)}, expected an end after its beginning",
                "audit/period",
                fields["before"].where,
            )
        return period

    def _when(self, fields: Mapping[str, Node], key: str, path: str) -> Instant | None:
        return self.instant(fields[key], path) if key in fields else None

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


def _period(period: Period) -> dict[str, str]:
    return _instants(**{"from": period.start, "before": period.end})


def _instants(**found: Instant | None) -> dict[str, str]:
    return {key: format_instant(one) for key, one in found.items() if one is not None}


def schema() -> dict[str, object]:
    """Give the JSON Schema of question files, for editors; what it refuses the reader refuses too."""
    name: dict[str, object] = {
        "type": "string",
        "minLength": 1,
        "maxLength": grammar.LONGEST_NAME,
    }
    instant: dict[str, object] = {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.0+)?(Z|[+-]\d{2}:\d{2})$",
        "description": "An instant with a zone and whole seconds, such as 2024-09-18T00:00:00Z.",
    }

    def words(known: Iterable[str]) -> dict[str, object]:
        return {"type": "array", "minItems": 1, "items": {"enum": list(known)}}

    def mapping(keys: Keys, **properties: object) -> dict[str, object]:
        return {
            "type": "object",
            "additionalProperties": False,
            "required": list(keys.required),
            "properties": properties,
        }

    period = {"from": instant, "before": instant}
    use = mapping(
        USE,
        purposes=words(PURPOSES),
        recipients=words(ROLES),
        acts=words(ACTS),
        at=instant,
        known=instant,
        recipient=name,
        **period,
    )
    exposure = mapping(
        EXPOSURE,
        sum={"type": "integer", "minimum": 1, "maximum": HIGHEST_SUM},
        currency={"type": "string", "pattern": f"^{CURRENCY.pattern}$"},
        by=name,
    )
    parts = {
        "class": name,
        "title": name,
        "members": mapping(MEMBERS, agreement=name, sides=words(SIDES)),
        "records": mapping(RECORDS, categories=words(CATEGORIES), **period),
        "use": use,
        "exposure": exposure,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A question about a class of people",
        **mapping(QUESTION, **parts),
    }
