# SPDX-License-Identifier: Apache-2.0
"""Put the vault right after the log is (specs/ledger.md, [LED-66]; specs/entry.md, part 6).

Entries that came back from the public tree are counted again, so that no number is taken twice. Whoever was erased and is
there again, because an older copy was put back, ends again. Payloads that nothing opens go, and what they were is
marked as lost. What was lost is said in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from privity.app.workspace.keyring import former_vkeys, request_of
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record_in
from privity.app.workspace.vault_comparing import compare_vault
from privity.app.workspace.vault_reading import Progress, VaultReader
from privity.canonical.encode import digest
from privity.entries.incident import IncidentEntry
from privity.entries.keys import KeysEntry
from privity.entries.kinds import PublicKind
from privity.ledger.ports import NotFoundError, Reader, Transaction

_MOST_RANGES: Final = 16
"""So many ranges of entries are said one by one; more are said as one that has them all."""

Range = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mended:
    """What was put right in the vault.

    Attributes:
        unopened: How many payloads that nothing opens were removed.
        lost: The ranges of entries whose payloads are lost and were not known to be.
        counted: How many streams were counted again.
        linked: How many payloads lead to the one before them again.
        erased: How many streams ended again.
        texts: How many public objects were put back, such as the texts of policies.
        former: The verifier keys of before that have to be put back.
        incidents: How many entries say what was lost.
        gaps: How many numbers of streams are missing, which nothing brings back.
    """

    unopened: int
    lost: tuple[Range, ...]
    counted: int
    linked: int
    erased: int
    texts: int
    former: tuple[str, ...]
    incidents: int
    gaps: int


def mend_vault(
    workspace: Workspace, *, source: Reader, progress: Progress | None = None
) -> Mended:
    """Put right what can be, by one commit; erasures are then to be finished.

    Args:
        workspace: Whose; its log is right by now, and nobody else writes it.
        source: A public tree to take public objects from.
        progress: Told of entries that were read.

    Raises:
        InputError: An entry is none.
        ConflictError: The clock is behind the newest entry.
        VerificationError: An entry is none of this log.
        UnavailableError: The disk is full or fails.
    """
    reader = VaultReader(workspace)
    reader.read_all(progress)
    state = compare_vault(workspace, reader.tally)
    store, vault = workspace.store, workspace.store.vault
    texts = _texts(workspace, reader.tally.objects, source)
    known = store.lost()
    taken_back = less(known, vault.lost_before)
    lost = less(ranges(state.lost), known)
    erased = sorted({*state.erased} - {*vault.ending()})
    with store.transaction() as tx:
        vault.drop_sealed(one.index for one in state.unopened)
        vault.mend_links(state.links)
        vault.mend_streams(state.streams)
        for first, end in lost:
            tx.put_lost(first, end)
        for data in texts:
            tx.put_object(digest(data), data)
        _announce(tx, state.announced)
        for stream in erased:
            tx.end_stream(stream)
        vault.put_mended()
        incidents = _say_lost(
            workspace, tx, taken_back, sum(end - first for first, end in lost)
        )
    # Those whose keys were lost keep their streams' numbers: who opens this before it is done is refused.
    workspace.keys.begin_after(vault.last_stream)
    former = {*former_vkeys(workspace.places)}
    return Mended(
        unopened=len(state.unopened),
        lost=tuple(lost),
        counted=len(state.streams),
        linked=len(state.links),
        erased=len(erased),
        texts=len(texts),
        former=tuple(
            says.previous for _, says in state.announced if says.previous not in former
        ),
        incidents=incidents,
        gaps=len(state.gaps),
    )


def _say_lost(
    workspace: Workspace, tx: Transaction, taken_back: Sequence[Range], payloads: int
) -> int:
    """Say in the log what was lost; gives how many entries that took.

    Of payloads that are lost one by one it is not said which: their entries would be seen to be one member's.
    """
    says: list[PublicKind] = []
    if len(taken_back) > _MOST_RANGES:
        taken_back = [(taken_back[0][0], taken_back[-1][1])]
    for first, end in taken_back:
        text = "the database lacked entries, which were taken back from the public tree without private payloads"
        says.append(IncidentEntry(incident="rolled-back", text=text, first=first, end=end))
    if payloads:
        text = f"{payloads} private payloads were lost; their entries are as they were"
        says.append(IncidentEntry(incident="payloads-lost", text=text))
    if says:
        record_in(workspace, tx, says, {}, late=True)
    return len(says)


def _announce(tx: Transaction, announced: Sequence[tuple[int, KeysEntry]]) -> None:
    """Let it be found by its request that a key was announced."""
    for index, says in announced:
        if tx.request(request_of(says.vkey)) is None:
            tx.put_request(request_of(says.vkey), index, 1)


def _texts(workspace: Workspace, wanted: Iterable[str], source: Reader) -> list[bytes]:
    """Read the objects that the database does not have, where they are the ones that are named."""
    found = []
    for name in sorted(wanted):
        if workspace.store.object(name) is None:
            try:
                data = source.read(f"object/sha256/{name}")
            except NotFoundError:
                continue
            if digest(data) == name:
                found.append(data)
    return found


def ranges(indexes: Iterable[int]) -> list[Range]:
    """Give sorted indexes as ranges, each with its end."""
    found: list[Range] = []
    for index in indexes:
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def less(some: Iterable[Range], others: Sequence[Range]) -> list[Range]:
    """Give what is in some ranges and not in others; both are sorted and do not overlap."""
    found: list[Range] = []
    at = 0
    for first, end in some:
        while at < len(others) and others[at][1] <= first:
            at += 1
        begin, place = first, at
        while place < len(others) and others[place][0] < end:
            if begin < others[place][0]:
                found.append((begin, others[place][0]))
            begin = max(begin, others[place][1])
            place += 1
        if begin < end:
            found.append((begin, end))
    return found
