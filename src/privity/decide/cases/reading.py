# SPDX-License-Identifier: Apache-2.0
"""Cases out of strict YAML 1.2, each problem named where it stands (specs/cases.md parts 1 and 2).

The text is read as a policy's is. A member is described in few words, or by facts as they are; what a case does
not say, it has from the top of its file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from privity.canonical.instants import Instant, parse_date
from privity.decide.cases.model import Expected, PolicyCase, Suite
from privity.decide.request import Record, Request
from privity.errors import InputError, Where
from privity.members.facts import METHODS, SCOPES, Fact, check_shape
from privity.policy.fields import Reader
from privity.policy.grammar import Keys
from privity.policy.nodes import Leaf, Listing, Node, Table, read_text
from privity.vocabulary.terms import DECIDED, OBLIGATIONS, ROLES, quoted

SUITE: Final = Keys(
    required=("cases",), optional=("policy", "request", "members", "facts", "records")
)
CASE: Final = Keys(
    required=("name", "record", "expect"),
    optional=("why", "request", "members", "facts", "records"),
)
REQUEST: Final = Keys(optional=("purpose", "role", "recipient", "at", "known"))
MEMBER: Final = Keys(optional=("joined", "in", "born", "told", "said", "agreements"))
SAID: Final = Keys(required=("setting", "value", "at"), optional=("method", "scope"))
AGREED: Final = Keys(required=("from",), optional=("until",))
FACT: Final = Keys(
    required=("fact", "at"), optional=("member", "value", "recorded_at", "detail")
)
RECORD: Final = Keys(
    required=("category", "created_at", "author"),
    optional=("record_id", "recipients", "capacity", "quotes"),
)
EXPECT: Final = Keys(optional=("permit", "reasons", "obligations"))

MADE_RECIPIENT: Final = "recipient"
"""The id of the recipient that a `role` stands for."""

_JOINED: Final[Instant] = 0
_DEFAULT_ID: Final = "record"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A request, as far as it is written; None is not."""

    purpose: str | None = None
    role: str | None = None
    recipient: str | None = None
    at: Instant | None = None
    known: Instant | None = None

    def over(self, other: _Asked) -> _Asked:
        """Give this, and where it is silent, the other."""
        named = self.role is not None or self.recipient is not None
        return _Asked(
            purpose=self.purpose if self.purpose is not None else other.purpose,
            role=self.role if named else other.role,
            recipient=self.recipient if named else other.recipient,
            at=self.at if self.at is not None else other.at,
            known=self.known if self.known is not None else other.known,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Given:
    """What the top of a file, or a case, gives."""

    asked: _Asked
    members: Mapping[str, tuple[Fact, ...]]
    facts: tuple[Fact, ...]
    records: tuple[Record, ...]

    def over(self, other: _Given) -> _Given:
        """Give both; a member that stands here as well stands here alone."""
        return _Given(
            asked=self.asked.over(other.asked),
            members={**other.members, **self.members},
            facts=(*other.facts, *self.facts),
            records=(*other.records, *self.records),
        )


def parse_cases(text: str, *, file: str) -> Suite:
    """Read the cases of a file.

    Args:
        text: The whole file.
        file: Its name, for messages.

    Raises:
        InputError: The first problem in the text.
    """
    root = read_text(text, file=file, what="file of cases")
    reader = _CaseReader("file of cases")
    return reader.whole(reader.suite(root, file))


class _CaseReader(Reader):
    """Reads one file of cases."""

    def suite(self, root: Node, file: str) -> Suite:
        fields = self.fields(root, "", SUITE)
        top = self._given(fields, "")
        cases = self.each(
            fields.get("cases"),
            "cases",
            lambda node, path: self._case(node, path, top),
            empty=False,
        )
        seen: set[str] = set()
        for case in cases:
            if case.name in seen:
                self.report(
                    f"case {quoted(case.name)} stands twice, expected a name of its own",
                    "cases/name-twice",
                    case.where,
                )
            seen.add(case.name)
        return Suite(file=file, policies=self._policies(fields.get("policy")), cases=cases)

    def _policies(self, node: Node | None) -> tuple[str, ...]:
        if isinstance(node, Listing):
            return self.each(node, "policy", self.name, empty=False)
        return () if node is None else (self.name(node, "policy"),)

    def _given(self, fields: Mapping[str, Node], path: str) -> _Given:
        at = f"{path}." if path else ""
        return _Given(
            asked=self._asked(fields.get("request"), f"{at}request"),
            members=self.named(fields.get("members"), f"{at}members", self._member),
            facts=self.each(fields.get("facts"), f"{at}facts", self._fact),
            records=self.each(fields.get("records"), f"{at}records", self._record),
        )

    def _case(self, node: Node, path: str, top: _Given) -> PolicyCase:
        fields = self.fields(node, path, CASE)
        given = self._given(fields, path).over(top)
        request = self._request(given.asked, node, path)
        role = given.asked.role
        return PolicyCase(
            name=self.name(fields.get("name"), f"{path}.name"),
            why=self.name(fields["why"], f"{path}.why") if "why" in fields else None,
            where=node.where,
            request=request,
            record=self._record(fields.get("record"), f"{path}.record"),
            others=given.records,
            facts=(
                *(fact for facts in given.members.values() for fact in facts),
                *given.facts,
                *(() if role is None else (_register(role, request),)),
            ),
            expected=self._expected(fields.get("expect"), f"{path}.expect"),
        )

    # --- what is asked and expected

    def _asked(self, node: Node | None, path: str) -> _Asked:
        if node is None:
            return _Asked()
        fields = self.fields(node, path, REQUEST)
        if "role" in fields and "recipient" in fields:
            self.report(
                f"`{path}` has `role` and `recipient`, expected one of them",
                "cases/contradiction",
                fields["recipient"].where,
            )
        role = fields.get("role")
        return _Asked(
            purpose=self._word(fields.get("purpose"), f"{path}.purpose"),
            role=None if role is None else self.word(role, f"{path}.role", "role", ROLES),
            recipient=self._word(fields.get("recipient"), f"{path}.recipient"),
            at=self._when(fields.get("at"), f"{path}.at"),
            known=self._when(fields.get("known"), f"{path}.known"),
        )

    def _request(self, asked: _Asked, node: Node, path: str) -> Request:
        needed = {
            "purpose": asked.purpose,
            "role": asked.role if asked.recipient is None else asked.recipient,
            "at": asked.at,
        }
        for key, value in needed.items():
            if value is None:
                self.report(
                    f"`{path}` has no `{key}` in `request`, here or at the top, expected one",
                    "policy/missing-key",
                    node.where,
                )
        at = asked.at or 0
        return Request(
            purpose=asked.purpose or "",
            recipient=MADE_RECIPIENT if asked.recipient is None else asked.recipient,
            at=at,
            known=at if asked.known is None else asked.known,
        )

    def _expected(self, node: Node | None, path: str) -> Expected:
        if node is None:
            return Expected(permit=None, reasons=None, obligations=None)
        fields = self.fields(node, path, EXPECT)
        if isinstance(node, Table) and not fields:
            self.unexpected(node, path, "`permit`, `reasons` or `obligations`")
        permit = self.flag(fields.get("permit"), f"{path}.permit")
        reasons = self._words(fields.get("reasons"), f"{path}.reasons", "reason", DECIDED)
        obligations = self._words(
            fields.get("obligations"), f"{path}.obligations", "obligation", OBLIGATIONS
        )
        refused = permit is False or bool(reasons)
        permitted = permit is True or (reasons is not None and not reasons)
        if (permitted and refused) or (refused and obligations):
            self.report(
                f"`{path}` contradicts itself, expected reasons of a refusal, or obligations of a "
                "permit",
                "cases/contradiction",
                node.where,
            )
        return Expected(permit=permit, reasons=reasons, obligations=obligations)

    def _words(
        self, node: Node | None, path: str, kind: str, known: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        if node is None:
            return None
        found = self.each(node, path, lambda one, at: self.word(one, at, kind, known))
        return tuple(sorted(set(found)))

    # --- records

    def _record(self, node: Node | None, path: str) -> Record:
        fields = {} if node is None else self.fields(node, path, RECORD)

        def names(key: str) -> tuple[str | None, ...]:
            return self.each(fields.get(key), f"{path}.{key}", self._word)

        capacity = self._word(fields.get("capacity"), f"{path}.capacity")
        return Record(
            record_id=self._word(fields.get("record_id"), f"{path}.record_id") or _DEFAULT_ID,
            category=self._word(fields.get("category"), f"{path}.category"),
            created_at=self._when(fields.get("created_at"), f"{path}.created_at"),
            author=self._word(fields.get("author"), f"{path}.author"),
            recipients=names("recipients"),
            # Only what is missing is personal: empty text is a capacity that nobody knows.
            capacity="personal" if capacity is None else capacity,
            quotes=names("quotes"),
        )

    # --- members and facts

    def _member(self, node: Node, path: str, name: str) -> tuple[Fact, ...]:
        fields = self.fields(node, path, MEMBER)
        joined = self._when(fields.get("joined"), f"{path}.joined")
        since = _JOINED if joined is None else joined
        found = [_fact(name, "joined", since)]
        found += self._places(fields.get("in"), f"{path}.in", name, since)
        if "born" in fields:
            born = self._date(fields["born"], f"{path}.born")
            found.append(_fact(name, "birth_date", since, born))
        found += self._told(fields.get("told"), f"{path}.told", name)
        said = self.each(
            fields.get("said"), f"{path}.said", lambda one, at: self._said(one, at, name)
        )
        found += said
        agreed = self.named(fields.get("agreements"), f"{path}.agreements", self._agreed)
        for agreement, facts in agreed.items():
            found += [replace(one, member=name, value=agreement) for one in facts]
        return tuple(found)

    def _places(
        self, node: Node | None, path: str, name: str, since: Instant
    ) -> Iterator[Fact]:
        """Read one place, places at once, or places each with since when."""
        match node:
            case None:
                return
            case Table():
                since_when = self.named(node, path, lambda one, at, _: self._at(one, at))
            case Listing():
                places = self.each(node, path, self._word)
                since_when = {place or "": since for place in places}
            case _:
                since_when = {self._word(node, path) or "": since}
        for place, at in since_when.items():
            yield _fact(name, "jurisdiction", at, place)

    def _told(self, node: Node | None, path: str, name: str) -> Iterator[Fact]:
        def instants(one: Node, at: str, _: str) -> tuple[Instant, ...]:
            return (
                self.each(one, at, self._at)
                if isinstance(one, Listing)
                else (self._at(one, at),)
            )

        for notice, delivered in self.named(node, path, instants).items():
            for at in delivered:
                yield _fact(name, "notice", at, notice)

    def _said(self, node: Node, path: str, name: str) -> Fact:
        fields = self.fields(node, path, SAID)
        detail = {"setting": self.name(fields.get("setting"), f"{path}.setting")}
        for key, choices in (("method", METHODS), ("scope", SCOPES)):
            if key in fields:
                detail[key] = self.choice(fields[key], f"{path}.{key}", choices)
        value = self._word(fields.get("value"), f"{path}.value") or ""
        at = self._when(fields.get("at"), f"{path}.at") or 0
        return _fact(name, "setting", at, value, **detail)

    def _agreed(self, node: Node, path: str, _name: str) -> tuple[Fact, ...]:
        """Read since when an agreement is held, or from when until when."""
        if not isinstance(node, Table):
            return (_fact("", "agreement", self._at(node, path)),)
        fields = self.fields(node, path, AGREED)
        start = self._when(fields.get("from"), f"{path}.from") or 0
        until = self._when(fields.get("until"), f"{path}.until")
        held = _fact("", "agreement", start)
        return (held,) if until is None else (held, _fact("", "agreement-ended", until))

    def _fact(self, node: Node, path: str) -> Fact:
        already = len(self.problems)
        fields = self.fields(node, path, FACT)
        at = self._when(fields.get("at"), f"{path}.at") or 0
        recorded_at = self._when(fields.get("recorded_at"), f"{path}.recorded_at")
        detail = self._detail(fields.get("detail"), f"{path}.detail")
        made = Fact(
            member=self._word(fields.get("member"), f"{path}.member") or None,
            fact=self._word(fields.get("fact"), f"{path}.fact") or "",
            value=self._word(fields.get("value"), f"{path}.value") or "",
            at=at,
            recorded_at=at if recorded_at is None else recorded_at,
            detail=detail,
        )
        if len(self.problems) == already:
            try:
                check_shape(made.fact, made.value, detail, platform=made.member is None)
            except InputError as error:
                self.again(error, node.where, path)
        return made

    def _detail(self, node: Node | None, path: str) -> dict[str, Any]:
        if node is None:
            return {}
        if not isinstance(node, Table):
            self.unexpected(node, path, "a mapping")
            return {}
        return {
            key: list(self.each(one, f"{path}.{key}", self._word))
            if isinstance(one, Listing)
            else self._word(one, f"{path}.{key}")
            for key, one in node.entries.items()
        }

    # --- single values

    def _word(self, node: Node | None, path: str) -> str | None:
        """Read text, or give None where nothing stands: what is missing is a case of its own."""
        if node is None or (isinstance(node, Leaf) and node.kind == "null"):
            return None
        return self.text(node, path, hint="put it in quotes")

    def _when(self, node: Node | None, path: str) -> Instant | None:
        if node is None or (isinstance(node, Leaf) and node.kind == "null"):
            return None
        return self.instant(node, path)

    def _at(self, node: Node, path: str) -> Instant:
        return self.instant(node, path)

    def _date(self, node: Node, path: str) -> str:
        text = self.text(node, path, "a date such as `1990-05-05`") or ""
        if text:
            try:
                parse_date(text)
            except InputError as error:
                self.again(error, node.where, path)
        return text


def _fact(member: str, kind: str, at: Instant, value: str = "", **detail: str) -> Fact:
    return Fact(member=member, fact=kind, value=value, at=at, recorded_at=at, detail=detail)


def _register(role: str, request: Request) -> Fact:
    """Give the register's entry of the recipient that a role stands for."""
    at = min(request.at, request.known)
    return Fact(
        member=None,
        fact="recipient",
        value=MADE_RECIPIENT,
        at=at,
        recorded_at=at,
        detail={"role": role},
    )


def no_policy(suite: Suite) -> InputError:
    """Make the error for cases of which nobody says of what policy they are."""
    return InputError(
        "the file of cases has no key `policy`, expected one, or a policy besides",
        code="policy/missing-key",
        hint="write where the policy lies, or give it with `--policy`",
        where=Where(file=suite.file),
    )
