# SPDX-License-Identifier: Apache-2.0
"""Whether a release may still be used, by what the public streams of a log say since its entry (specs/release.md, part 4).

Members' facts are sealed: that one of them said no shows here only when the operator enters that records are due. What
everybody sees is heeded at once: an end, a newer revision, an order, the register, a rule that nobody has compared the
release with yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from privity.canonical.instants import Instant, format_instant
from privity.decide.platform import Order, orders
from privity.entries.disclosure import HandedOver
from privity.entries.kinds import OF_NO_RULE, PublicKind
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.entries.release import Content, CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.revocation import DoneRevocation, DueRevocation
from privity.entries.run import RunStart
from privity.entries.unknown import UnknownEntry
from privity.errors import ConflictError, InputError, VerificationError
from privity.members.facts import Fact
from privity.members.timeline import Timeline, sort_key
from privity.release.described import Described
from privity.vocabulary.terms import PURPOSES, quoted

_EVERYTHING: Final = "content"
_SCHEDULED: Final = "a rule that was known before changed by itself"
_ANEW: Final = "wait until its operator has compared it with what was said since, and ask again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What an entry of a public stream says.

    Attributes:
        index: Its index in the log.
        time: When it was entered.
        says: What it says.
    """

    index: int
    time: Instant
    says: PublicKind | UnknownEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """An entry that changed a rule, and may have changed what is permitted.

    Attributes:
        index: Its index; None for what was known already when the release was decided.
        since: From when on it counts.
        what: What it is, in a word.
    """

    index: int | None
    since: Instant
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A release as a log has it.

    Attributes:
        index: The index of the entry that created it.
        created: What that entry says.
        revision: Its newest revision.
        content: What is in that revision.
        confirmed: So many entries were looked at when it was last found that nothing of this revision was due.
        confirmed_at: The instant for which that was found, or an earlier one where nobody says it.
        ended: The entry that ended it, or None.
        due: Taking backs of this revision that are due and not done.
        rules: What changed rules.
        platform: What is known of orders and of its recipient.
        time: The time of the newest entry that was looked at.
    """

    index: int
    created: CreatedRelease
    revision: int
    content: Content
    confirmed: int
    confirmed_at: Instant
    ended: EndedRelease | None
    due: tuple[str, ...]
    rules: tuple[Rule, ...]
    platform: tuple[Fact, ...]
    time: Instant

    @property
    def name(self) -> str:
        """The release's name."""
        return self.created.release


@dataclass(kw_only=True, slots=True)
class _Fold:
    """What was read so far."""

    first: Said
    created: CreatedRelease
    revision: int
    content: Content
    confirmed: int
    confirmed_at: Instant
    times: list[tuple[int, Instant]]
    ended: EndedRelease | None = None
    due: dict[str, DueRevocation] = field(default_factory=dict)
    made: set[tuple[str, int]] = field(default_factory=set)
    rules: list[Rule] = field(default_factory=list)
    platform: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._schedule(self.created.scheduled)

    def add(self, one: Said) -> None:
        name = self.created.release
        self.times.append((one.index, one.time))
        match one.says:
            case RevisedRelease(release=release) as says if release == name:
                self.revision, self.content = says.revision, says.content
                self.made.add((says.revocation, says.revision))
                self._confirm(one, says.ledger_size, self._decided_at(says))
            case EndedRelease(release=release) as says if release == name:
                self.ended = says
            case DueRevocation(release=release) as says if release == name:
                self.due[says.revocation] = says
                self._schedule(says.scheduled)
            case DoneRevocation(release=release) as says if release == name:
                self._close(says)
            case HandedOver(release=release, revision=revision) if release == name:
                if revision == self.revision:
                    self._confirm(one, one.index, one.time)
            case RunStart(releases=releases) as says if (name, self.revision) in releases:
                self._confirm(one, says.ledger_size, one.time)
            case _:
                self._add_rule(one)

    def _close(self, says: DoneRevocation) -> None:
        """Believe that something was taken back where a revision was made of it, later than the one that it is due of."""
        due = self.due.get(says.revocation)
        made = (says.revocation, says.revision) in self.made
        if due is not None and made and says.revision > due.revision:
            del self.due[says.revocation]

    def _confirm(self, one: Said, size: int, time: Instant) -> None:
        # Whatever an entry claims to heed, it heeds none after itself.
        size = min(size, one.index)
        if size >= self.confirmed:
            self.confirmed, self.confirmed_at = size, time

    def _decided_at(self, says: RevisedRelease) -> Instant:
        """Give the instant for which a revision was decided: long before it was entered, perhaps ([REL-69]).

        Where nobody says it, it was no earlier than the last entry that it heeds.
        """
        due = self.due.get(says.revocation)
        if due is not None and due.at is not None:
            return due.at
        heeded = (time for index, time in self.times if index < says.ledger_size)
        return max(heeded, default=self.times[0][1])

    def _schedule(self, instants: Iterable[Instant]) -> None:
        self.rules += [Rule(index=None, since=one, what=_SCHEDULED) for one in instants]

    def _add_rule(self, one: Said) -> None:
        match one.says:
            case OrderEntry() as says:
                self.platform.append(_from_entry_on(says.to_fact(one.time)))
                if says.action == "issued" and _touches(says, self.created):
                    self._rule(one, max(says.at, one.time), "an order was issued")
            case RecipientEntry() as says:
                if says.id == self.created.recipient:
                    self.platform.append(_from_entry_on(_fact_of(says, one.time)))
                    self._rule(one, max(says.at, one.time), "the register changed")
            case PolicyEntry() as says:
                since = max(says.effective_at, one.time)
                self._rule(one, since, "a version was published")
            case _:
                if not isinstance(one.says, OF_NO_RULE):
                    self._rule(one, one.time, "something was claimed, or is not known here")

    def _rule(self, one: Said, since: Instant, what: str) -> None:
        self.rules.append(Rule(index=one.index, since=since, what=what))


def standing_of(name: str, entries: Iterable[Said], *, heeded: Instant) -> Standing:
    """Give how a release stands by the entries of a log.

    Args:
        name: The release.
        entries: Entries of all public streams in their order, from the release's own on, or from before it.
        heeded: The time of the last entry that the release heeds: it was decided then or later.

    Raises:
        VerificationError: None of them created it (`release/not-entered`).
    """
    fold: _Fold | None = None
    before: list[Said] = []
    time = 0
    for one in entries:
        time = one.time
        if fold is not None:
            fold.add(one)
        elif isinstance(one.says, CreatedRelease) and one.says.release == name:
            fold = _Fold(
                first=one,
                created=one.says,
                revision=one.says.revision,
                content=one.says.content,
                confirmed=min(one.says.ledger_size, one.index),
                confirmed_at=heeded,
                times=[(one.says.ledger_size - 1, heeded)],
            )
            # What was said before, and counts later than the release was made.
            for earlier in before:
                fold.add(earlier)
        else:
            before.append(one)
    if fold is None:
        raise VerificationError(
            f"no entry of the log created the release {quoted(name)}",
            code="release/not-entered",
            hint="do not use it: it was made beside the log, or the log is another one",
        )
    return Standing(
        index=fold.first.index,
        created=fold.created,
        revision=fold.revision,
        content=fold.content,
        confirmed=fold.confirmed,
        confirmed_at=fold.confirmed_at,
        ended=fold.ended,
        due=tuple(
            sorted(key for key, one in fold.due.items() if one.revision == fold.revision)
        ),
        rules=tuple(fold.rules),
        platform=tuple(fold.platform),
        time=time,
    )


def check_lasting(created: CreatedRelease, ended: EndedRelease | None, at: Instant) -> None:
    """Check that a release has not ended, by itself or by an entry ([REL-62]).

    Raises:
        ConflictError: It has expired (`release/expired`), or was withdrawn (`release/ended`).
    """
    name = quoted(created.release)
    expired = created.expires_at is not None and created.expires_at <= at
    if expired or (ended is not None and ended.why == "expired"):
        since = (
            "" if created.expires_at is None else f" on {format_instant(created.expires_at)}"
        )
        raise ConflictError(
            f"release {name} has expired{since}",
            code="release/expired",
            hint="delete it; a new release has to be made for further use",
        )
    if ended is not None:
        raise ConflictError(
            f"release {name} was withdrawn", code="release/ended", hint="delete it"
        )


def check_revision(described: Described, *, newest: int, content: Content) -> None:
    """Check that a copy is of the newest revision, and has its files ([REL-71]).

    Args:
        described: What the copy says of itself.
        newest: The newest revision that the log has.
        content: What is in that revision.

    Raises:
        ConflictError: Records were taken back from it since (`release/revoked`).
        VerificationError: The log knows no such revision, or has other content for it (`release/tampered`).
    """
    name, revision = quoted(described.name), described.revision
    if revision < newest:
        raise ConflictError(
            f"this is revision {revision} of release {name}, and revision {newest} is without what was "
            "taken back since",
            code="release/revoked",
            hint="apply the revocation with `privity recipient apply`, or get the newest revision",
        )
    if revision > newest or described.content != content:
        raise VerificationError(
            f"the log has other files for revision {revision} of release {name}, or no such revision",
            code="release/tampered",
            hint="do not use it; get it anew, and if the log was copied, get that anew too",
        )


def check_standing(standing: Standing, at: Instant) -> None:
    """Check that nothing that everybody can see keeps the newest revision from being used ([REL-72]).

    Raises:
        ConflictError: It has ended, an order stops it (`release/stopped`), its recipient has left the register
            (`release/recipient-ended`), or records are due or may be (`release/stale`).
    """
    check_lasting(standing.created, standing.ended, at)
    name = quoted(standing.name)
    state = Timeline(tuple(sorted(standing.platform, key=sort_key))).at(at)
    last = state.last("recipient", "recipient-ended")
    if last is not None and last.fact == "recipient-ended":
        raise ConflictError(
            f"{quoted(standing.created.recipient)} is no longer on the register of recipients",
            code="release/recipient-ended",
            hint=f"do not use release {name}",
        )
    _check_orders(standing.created, orders(state), None)
    if standing.due:
        raise ConflictError(
            f"records of release {name} are to be taken back: {', '.join(standing.due)}",
            code="release/stale",
            hint="wait for its next revision",
        )
    for rule in standing.rules:
        new = rule.index is not None and rule.index >= standing.confirmed
        if (new or rule.since > standing.confirmed_at) and rule.since <= at:
            entry = "" if rule.index is None else f" (entry {rule.index})"
            raise ConflictError(
                f"{rule.what}{entry}, and nobody has looked since whether release {name} still holds",
                code="release/stale",
                hint=_ANEW,
            )


def check_orders(
    created: CreatedRelease, platform: Iterable[Fact], role: str, at: Instant
) -> None:
    """Check that no order stops all of a release ([REL-63]). One that stops a part of it makes that part due.

    Args:
        created: The release.
        platform: Orders, as the workspace believes them.
        role: What its recipient is to the platform.
        at: When it would be used.

    Raises:
        ConflictError: One does (`release/stopped`).
    """
    _check_orders(created, orders(Timeline(tuple(sorted(platform, key=sort_key))).at(at)), role)


def _check_orders(created: CreatedRelease, standing: Iterable[Order], role: str | None) -> None:
    """Look for an order that stops all of a release; of an unknown role only what is about every role is."""
    for order in standing:
        scope = order.scope
        if order.places is not None or scope.categories is not None:
            continue
        if role is None and scope.recipients is not None:
            continue
        if scope.bites(created.purpose, _EVERYTHING, role or ""):
            raise ConflictError(
                f"order {quoted(order.fact.value)} stops release {quoted(created.release)}",
                code="release/stopped",
                hint="`privity order list` shows what it is about; wait until it is lifted",
            )


def _touches(says: OrderEntry, created: CreatedRelease) -> bool:
    """Tell whether an order may be about a release; an unknown word may be about anything."""
    return says.purposes is None or any(
        word not in PURPOSES or PURPOSES.any_overlaps((word,), created.purpose)
        for word in says.purposes
    )


def _from_entry_on(fact: Fact) -> Fact:
    """Let what permits count from its entry on; what refuses counts by its own time."""
    if fact.fact in {"order", "recipient-ended"}:
        return fact
    return replace(fact, at=max(fact.at, fact.recorded_at))


def _fact_of(says: RecipientEntry, time: Instant) -> Fact:
    """Give the fact of a recipient's entry; one whose role is not known here has left."""
    try:
        return says.to_fact(time)
    except InputError:
        return RecipientEntry(action="ended", id=says.id, at=says.at).to_fact(time)
