# SPDX-License-Identifier: Apache-2.0
"""Look a file of facts over as a whole, before any of it is recorded (docs/workspace.md).

A fact that is recorded now says when it was true, and nothing of when it was recorded: its entry says that. What
claims to have been recorded earlier is taken where somebody attests it. Whatever could stop an import in its middle
is found here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.workspace.attesting import Attestation
from privity.app.workspace.ids import as_kind, id_kind
from privity.app.workspace.newcomers import unknown_among
from privity.app.workspace.orders import LISTS, check_terms
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import names_of
from privity.app.workspace.recording import Private
from privity.canonical.encode import LARGEST_INTEGER
from privity.canonical.instants import FIRST_INSTANT, LAST_INSTANT, Instant, format_instant
from privity.entries import order, recipient
from privity.entries.compose import compose_private, compose_public
from privity.entries.fact import FactEntry, entry_of
from privity.entries.fields import KEY_SIZE
from privity.entries.kinds import PublicKind
from privity.entries.recipient import RecipientEntry
from privity.errors import InputError, Where
from privity.members.check import (
    NEVER_JOINED,
    check_columns,
    unknown_members,
    without_joining,
)
from privity.members.columns import FactColumns, fact_columns
from privity.members.facts import Fact, MemberId
from privity.members.files import format_of
from privity.members.findings import Finding
from privity.members.reading import read_facts

LARGE: Final = 1_000_000
"""From so many facts on, one entry for all of them is worth a thought: a baseline."""
_MICROSECONDS: Final = 1_000_000
_LONGEST_IN_JSON: Final = "\x01"
"""A character that takes six in JSON; none takes more."""
_PUBLIC: Final = frozenset((*order.FACTS.values(), *recipient.FACTS.values()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """A file of facts that was looked over, and can be recorded.

    Attributes:
        path: The file.
        columns: Its facts, with ids as the workspace has them.
        now: What a fact that says nothing else counts as recorded at.
        attested: Who attests what claims to have been recorded earlier, or None: nothing does.
        findings: What is odd about it.
    """

    path: Path
    columns: FactColumns
    now: Instant
    attested: Attestation | None
    findings: tuple[Finding, ...]

    @property
    def facts(self) -> int:
        """How many facts there are, the platform's too."""
        return self.columns.facts + len(self.columns.platform)

    @property
    def claims(self) -> int:
        """How many of them claim to have been recorded earlier."""
        members = int(np.count_nonzero(self.columns.recorded_at < self.now))
        return members + sum(map(self.is_claim, self.columns.platform))

    @property
    def earlier(self) -> int:
        """How many of the others were true before: they are claims of the platform's own ([CLM-2])."""
        columns = self.columns
        members = int(
            np.count_nonzero((columns.at < self.now) & (columns.recorded_at >= self.now))
        )
        return members + sum(
            fact.at < self.now and not self.is_claim(fact) for fact in columns.platform
        )

    def is_claim(self, fact: Fact) -> bool:
        """Tell whether a fact claims to have been recorded earlier."""
        return fact.recorded_at < self.now

    def says(self, fact: Fact, *, origin: str, known: bool = False) -> PublicKind | Private:
        """Give what the entry of a fact says.

        Args:
            fact: The fact.
            origin: The log's name.
            known: Whether it is of a recipient that is on the register.
        """
        says = (
            RecipientEntry.of(fact, known=known)
            if fact.fact in recipient.FACTS.values()
            else entry_of(fact)
        )
        if self.attested is not None and self.is_claim(fact):
            entry = self.attested.entry(says, claimed_at=fact.recorded_at, origin=origin)
            return Private(member=fact.member, says=entry) if entry.private else entry
        return Private(member=fact.member, says=says) if isinstance(says, FactEntry) else says


def look_over(
    workspace: Workspace,
    path: Path,
    *,
    attested: Attestation | None = None,
) -> Import:
    """Read a file of facts, and check that every one can be recorded.

    Args:
        workspace: Where.
        path: The file; it may leave `recorded_at` out, and each row may leave it empty.
        attested: Who attests the facts that claim to have been recorded earlier.

    Raises:
        InputError: The file cannot be read, or a row is no fact or none that can be recorded; it says that
            it was recorded earlier, and nobody attests it (`workspace/claims-the-past`), or later
            (`workspace/claims-the-future`); somebody attests what does not say that it was recorded earlier
            (`workspace/attests-nothing`).
        ConflictError: As `rules_of`.
        VerificationError: As `rules_of`.
        UnavailableError: The disk fails.
    """
    now = workspace.now()
    read = read_facts(path, recorded_at=now)
    ours = id_kind(workspace)
    columns = as_kind(fact_columns(_timed(read, path, now, attested)), ours)
    findings = check_columns(columns, now=now, **names_of(workspace))
    if ours is not None:
        # The ledger knows members already: what began with them need not be in this file.
        strangers = unknown_among(workspace, without_joining(columns))
        findings = (
            *unknown_members(strangers), *(one for one in findings if not asks_for_more(one)),
        )  # fmt: skip
    looked = Import(path=path, columns=columns, now=now, attested=attested, findings=findings)
    _check_orders(looked)
    _check_instants(looked)
    _check_sizes(looked, workspace.settings.origin)
    return looked


def asks_for_more(finding: Finding) -> bool:
    """Tell whether a finding asks for facts that may be in the ledger already."""
    return finding.code == NEVER_JOINED.code or finding.code.endswith("-ends-nothing")


def is_private(fact: Fact) -> bool:
    """Tell whether a fact belongs into a private stream: orders and recipients do not."""
    return fact.fact not in _PUBLIC


def _timed(
    batches: Iterator[pa.RecordBatch],
    path: Path,
    now: Instant,
    attested: Attestation | None,
) -> Iterator[pa.RecordBatch]:
    """Pass facts on: all that are recorded now, or all that somebody attests to have been recorded before."""
    rows = 0
    for batch in batches:
        recorded_at = np.asarray(batch.column("recorded_at").cast(pa.int64())) // _MICROSECONDS
        wrong = recorded_at != now if attested is None else recorded_at >= now
        if wrong.any():
            row = int(np.argmax(wrong))
            where = format_of(path, str(path)).place(rows + row)
            raise _other_time(int(recorded_at[row]), now, where)
        rows += batch.num_rows
        yield batch


def _other_time(seen: Instant, now: Instant, where: Where) -> InputError:
    says = f"`recorded_at` is {format_instant(seen)}, and now is {format_instant(now)}"
    if seen > now:
        return InputError(
            f"{says}: nothing was recorded after now",
            code="workspace/claims-the-future",
            hint="take it in once it has come; a table's planned ends are such facts",
            where=where,
        )
    if seen == now:
        # Its entry would be a claim of the platform's own, whatever was signed for the others.
        return InputError(
            f"`recorded_at` is not said, or is now ({format_instant(now)}): who attests says since when it was "
            "known, expected an instant before now",
            code="workspace/attests-nothing",
            hint="what nobody attests goes into a file of its own, without `--attested-by`",
            where=where,
        )
    return InputError(
        f"{says}: in a ledger a fact is recorded when its entry is, and nobody can set that",
        code="workspace/claims-the-past",
        hint="leave `recorded_at` out, attest what was before with `--attested-by`, or take the file in "
        "by one entry with `privity members baseline`",
        where=where,
    )


def _check_orders(looked: Import) -> None:
    """Check the words of orders: an unknown one stops every use everywhere."""
    for fact in looked.columns.platform:
        if fact.fact == order.FACTS["issued"]:
            for key in LISTS:
                if key in fact.detail:
                    check_terms(key, fact.detail[key])


def _check_instants(looked: Import) -> None:
    platform = np.array([fact.at for fact in looked.columns.platform], np.int64)
    for at in (looked.columns.at, platform):
        odd = at[(at < FIRST_INSTANT) | (at > LAST_INSTANT)]
        if len(odd):
            raise InputError(
                f"`at` is {int(odd[0])} seconds since 1970, expected an instant of the years 1 to 9999",
                code="facts/instant",
                where=Where(file=str(looked.path)),
            )


def _check_sizes(looked: Import, origin: str) -> None:
    """Check that the entry of every fact is small enough; only few have to be made for that."""
    columns = looked.columns
    for fact in columns.platform:
        _check_size(looked, fact, origin)
    if not columns.facts:
        return
    longest: MemberId = -LARGEST_INTEGER
    if pa.types.is_string(columns.ids.type):
        longest = _LONGEST_IN_JSON * int(pc.max(pc.binary_length(columns.ids)).as_py())
    try:
        for kind in np.unique(columns.kind).tolist():
            largest = replace(
                columns.kinds[kind],
                member=longest,
                at=FIRST_INSTANT,
                recorded_at=FIRST_INSTANT,
            )
            _check_size(looked, largest, origin)
    except InputError:
        # None may be as large as the largest that could be: each is asked.
        for index in range(columns.members):
            for fact in columns.of_member(index):
                _check_size(looked, fact, origin)


def _check_size(looked: Import, fact: Fact, origin: str) -> None:
    says = looked.says(fact, origin=origin)
    try:
        if isinstance(says, Private):
            compose_private(
                says.says,
                key=bytes(KEY_SIZE),
                number=LARGEST_INTEGER,
                time=LAST_INSTANT,
                origin=origin,
            )
        else:
            compose_public(says, number=LARGEST_INTEGER, time=LAST_INSTANT, origin=origin)
    except InputError as error:
        whose = "the platform" if fact.member is None else f"member `{str(fact.member)[:40]}`"
        raise InputError(
            f"fact `{fact.fact}` of {whose}: {error.message}",
            code=error.code,
            hint=error.hint,
            where=Where(file=str(looked.path)),
        ) from error
