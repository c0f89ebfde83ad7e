# SPDX-License-Identifier: Apache-2.0
"""What a question is decided on the basis of: loose files, or a workspace's ledger as it was known (docs/workspace.md).

A ledger is read once for a question. Where its workspace accepts claims, the same is asked again without them, one
attester at a time: so it is known which permits rest on what nobody witnessed ([CLM-21]).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from privity.app.inputs import facts_of, load_facts, load_policy
from privity.app.workspace.gathered import Gathered, Known, Source
from privity.app.workspace.knowing import gather
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.decide.attested import rests_on
from privity.decide.many import Compiled, compile_request
from privity.decide.request import Record, Request, World, world
from privity.members.columns import FactColumns
from privity.members.facts import Fact
from privity.policy.versions import History

About = Callable[[FactColumns], Iterable[Fact]]
"""Picks from all facts those that matter."""


@dataclass(frozen=True, slots=True)
class LedgerSize:
    """What was known when a ledger had so many entries."""

    entries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """Loose files.

    Attributes:
        policies: Policy files and folders.
        facts: Files of facts.
    """

    policies: Sequence[Path]
    facts: Sequence[Path]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The ledger of a workspace.

    Attributes:
        root: The workspace's folder.
        size: How many of its entries are believed; None goes by the request's `known`.
    """

    root: Path
    size: LedgerSize | None = None


Basis = Files | Ledger


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A request with the versions and facts to decide it from.

    Attributes:
        request: What is asked.
        policy: The versions.
        facts: The facts.
        by_entry: Those of the other reading, where something is only claimed.
    """

    request: Request
    policy: History
    facts: FactColumns
    by_entry: tuple[History, FactColumns] | None = None

    def compiled(self) -> Compiled:
        """Make the request ready to decide in bulk.

        Raises:
            InputError: The policy has more settings than the bulk path has bits for.
        """
        return compile_request(self.request, self.policy, self.facts, by_entry=self.by_entry)

    def world(self, records: Iterable[Record] = (), about: About = facts_of) -> World:
        """Make the world that the plain rule decides from.

        Args:
            records: The records of the run.
            about: Picks the facts that matter from all.
        """
        other = None if self.by_entry is None else (self.by_entry[0], about(self.by_entry[1]))
        return world(
            self.policy, about(self.facts), self.request.known, records, by_entry=other
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Believed:
    """What is believed for a request.

    Attributes:
        reading: What is decided from.
        gathered: What the ledger says; None where it was no ledger.
    """

    reading: Reading
    gathered: Gathered | None = None

    @property
    def source(self) -> Source | None:
        """Where it is known from, if that is a ledger."""
        return None if self.gathered is None else self.gathered.source

    @property
    def attesters(self) -> tuple[str, ...]:
        """Whose claims are taken for what they say."""
        if self.gathered is None or self.gathered.source.attested != "accept":
            return ()
        return self.gathered.names

    def accepting(self, names: Collection[str]) -> Reading:
        """Give the reading in which the claims of some alone are taken for what they say."""
        if self.gathered is None:
            return self.reading
        asked = self.reading.request
        return _reading(asked, self.gathered.known(at=asked.at, believed=names))

    def each(self) -> dict[str, Reading]:
        """Give for each attester the reading in which all but its own claims are accepted."""
        return {
            name: self.accepting([one for one in self.attesters if one != name])
            for name in self.attesters
        }

    def resting(
        self, records: Sequence[Record], about: About = facts_of
    ) -> Callable[[Record], tuple[str, ...]]:
        """Make ready to say on whose claims the permit of a record rests; none where that is nobody's.

        Args:
            records: The records of the run.
            about: Picks the facts that matter from all.
        """
        if not self.attesters:
            return lambda _record: ()
        accepted = self.reading.world(records, about)
        witnessed = self.accepting(()).world(records, about)
        each = {name: one.world(records, about) for name, one in self.each().items()}
        asked = self.reading.request
        return lambda record: rests_on(record, asked, accepted, witnessed, each)


def now_of(root: Path) -> Instant:
    """Give the instant that the clock of a workspace shows."""
    with open_workspace(root) as workspace:
        return workspace.now()


def believe(basis: Basis, asked: Request) -> Believed:
    """Read what is believed for a request.

    Raises:
        InputError: Files cannot be read, or the log has fewer entries than are asked for.
        ConflictError: The workspace is a copy, or is being written to and that does not end.
        VerificationError: The workspace does not agree with itself.
        UnavailableError: A part of the workspace is missing, or the disk fails.
    """
    match basis:
        case Files(policies=policies, facts=facts):
            policy, columns = load_policy(policies), load_facts(facts)
            return Believed(reading=Reading(request=asked, policy=policy, facts=columns))
        case Ledger(root=root, size=size):
            with open_workspace(root) as workspace:
                gathered = (
                    gather(workspace, until=asked.known)
                    if size is None
                    else gather(workspace, size=size.entries)
                )
            return believe_gathered(gathered, asked, by_size=size is not None)


def believe_gathered(gathered: Gathered, asked: Request, *, by_size: bool = True) -> Believed:
    """Believe what was read from a ledger.

    Args:
        gathered: What it says.
        asked: The request.
        by_size: Whether `known` goes by what was read, and not by the request.

    Raises:
        InputError: The versions are of more than one policy.
    """
    if by_size:
        asked = replace(asked, known=gathered.source.time)
    return Believed(reading=_reading(asked, gathered.known(at=asked.at)), gathered=gathered)


def _reading(asked: Request, found: Known) -> Reading:
    return Reading(
        request=asked, policy=found.policy, facts=found.facts, by_entry=found.by_entry
    )
