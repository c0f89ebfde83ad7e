# SPDX-License-Identifier: Apache-2.0
"""Acknowledge a copy, on the recipient's side, and enter that it was, on the operator's (specs/release.md, part 4).

A recipient signs what it looked at: every file was hashed, and what the log says of release and hand-over was compared, as
far as the log or its key is at hand. The operator enters it once it agrees with what was handed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from privity.app.public_tree.opening import open_tree
from privity.app.releases.examining.by_proof import check_proof_of
from privity.app.releases.examining.handed import check_agrees, check_handed
from privity.app.releases.examining.own_key import check_registered
from privity.app.releases.examining.verifying import check_entries
from privity.app.releases.handing.copying_out import check_copy
from privity.app.releases.standing.usable import recipient_key
from privity.app.releases.state.clocks import instant_of_use
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import DisclosureState, ReleaseState
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Recorded, record_in
from privity.canonical.encode import digest
from privity.canonical.instants import Instant
from privity.entries.disclosure import AcknowledgedDisclosure
from privity.entries.dsse import EnvelopeSigner
from privity.errors import ConflictError, UnavailableError, VerificationError, Where
from privity.release.acknowledgement import (
    Acknowledgement,
    check_acknowledges,
    read_acknowledgement,
)
from privity.release.disclosed import ACKNOWLEDGEMENT, Disclosed, read_disclosed
from privity.release.laid_out import put
from privity.release.opened import ReadRelease, read_release
from privity.vocabulary.terms import quoted

NOT_COMPARED = "nothing"
BY_PROOF = "the proof of the release’s entry"
BY_LOG = "the log"


@dataclass(frozen=True, kw_only=True, slots=True)
class AcknowledgedCopy:
    """A copy that was looked at, and acknowledged.

    Attributes:
        said: What was signed.
        path: Where the envelope lies.
        files: How many files were hashed.
        compared: What the copy's description was compared with: the log, the proof of its entry, or nothing.
    """

    said: Acknowledgement
    path: Path
    files: int
    compared: str


def acknowledge_copy(
    folder: Path,
    signer: EnvelopeSigner,
    *,
    at: Instant,
    log: str | None = None,
    vkeys: tuple[str, ...] = (),
    out: Path | None = None,
    threads: int = 2,
    told: Callable[[int], None] | None = None,
) -> AcknowledgedCopy:
    """Look at all of a copy that was handed over, and sign that it arrived ([REL-66]).

    Args:
        folder: The copy.
        signer: The recipient's key.
        at: The instant that is said.
        log: The log's public tree, a folder or an address, to compare with.
        vkeys: The keys of the log that are believed, as text or names of files.
        out: Where to write the envelope; None is beside the copy's description.
        threads: How many files are hashed at once.
        told: Told of the bytes of the files that were hashed.

    Raises:
        InputError: It is no copy, a key is none, or the log's register has another key (`release/recipient-other-key`).
        ConflictError: The log's register has no key of the recipient.
        VerificationError: Something in it is not what it must be, or the log does not say so.
        UnavailableError: Something cannot be read or written.
    """
    disclosed = read_disclosed(folder)
    read = read_release(folder)
    check_agrees(disclosed, read)
    check_copy(read, threads=threads, told=told)
    compared = _compare(disclosed, read, signer, log, vkeys)
    said = Acknowledgement.of(disclosed.handed, origin=disclosed.origin, at=at)
    path = folder / ACKNOWLEDGEMENT if out is None else out
    try:
        put(path, said.signed(signer))
    except OSError as error:
        raise _unavailable(path, error) from error
    return AcknowledgedCopy(
        said=said, path=path, files=len(read.manifest.lines), compared=compared
    )


def instant_of_copy(folder: Path, now: Instant | None) -> Instant:
    """Give the instant that an acknowledgement says: as it was set, or as the system's clock says.

    Args:
        folder: The copy.
        now: An instant, where the log's clock is simulated; None is that of the hand-over there.

    Raises:
        InputError: It is no copy, or an instant is set and the clock is not simulated (`release/clock`).
        VerificationError: What says by which hand-over it came is damaged.
        UnavailableError: It cannot be read.
    """
    disclosed = read_disclosed(folder)
    return instant_of_use(disclosed.origin, now, otherwise=disclosed.time)


def record_acknowledgement(
    workspace: Workspace, release: str, recipient: str, data: bytes
) -> tuple[Recorded, Acknowledgement]:
    """Enter that a recipient has acknowledged a hand-over; the envelope becomes a public object ([REL-67]).

    Args:
        workspace: Where.
        release: The release.
        recipient: Whose acknowledgement it is.
        data: The envelope.

    Raises:
        InputError: It is no acknowledgement, or there is no such release.
        ConflictError: The register has no key of the recipient, the hand-over failed (`release/failed`), or another
            acknowledgement of it was entered before (`release/acknowledged`).
        VerificationError: The recipient's key did not sign it, or it is of something else.
        UnavailableError: The disk is full or fails.
    """
    said = read_acknowledgement(data, recipient_key(workspace, recipient))
    sha256 = digest(data)
    with workspace.store.transaction() as tx:
        state = register_of(workspace).release(release)
        held = _disclosure(state, said, recipient)
        check_acknowledges(said, held.handed.says, origin=workspace.settings.origin)
        if held.failed is not None:
            raise ConflictError(
                f"hand-over {quoted(held.name)} failed: nobody could have the copy",
                code="release/failed",
                hint="hand the release over again",
            )
        if held.acknowledged is not None:
            if held.acknowledged.says.acknowledgement != sha256:
                raise ConflictError(
                    f"hand-over {quoted(held.name)} was acknowledged before, by another envelope",
                    code="release/acknowledged",
                )
            before = held.acknowledged
            return Recorded(first=before.index, count=1, time=before.time, again=True), said
        entry = AcknowledgedDisclosure(disclosure=held.name, acknowledgement=sha256)
        return record_in(workspace, tx, [entry], {}, objects=[data]), said


def _disclosure(state: ReleaseState, said: Acknowledgement, recipient: str) -> DisclosureState:
    for one in state.disclosures:
        if one.name == said.disclosure and one.handed.says.recipient == recipient:
            return one
    raise VerificationError(
        f"release {quoted(state.name)} was never handed over to {quoted(recipient)} as "
        f"{quoted(said.disclosure)}",
        code="release/acknowledgement",
        hint="see the hand-overs with `privity release show`",
    )


def _compare(
    disclosed: Disclosed,
    read: ReadRelease,
    signer: EnvelopeSigner,
    log: str | None,
    vkeys: tuple[str, ...],
) -> str:
    """Compare what the copy says, and the key, with the log, or the copy with its entry's proof; say with what."""
    if log is not None:
        tree = open_tree(log, vkeys)
        check_entries(read.described, tree)
        check_handed(disclosed, tree)
        check_registered(signer, disclosed.handed.recipient, tree, before=disclosed.index)
        return BY_LOG
    if vkeys:
        check_proof_of(read.folder, read.described, vkeys)
        return BY_PROOF
    return NOT_COMPARED


def _unavailable(path: Path, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"the copy cannot be read or written: {error.strerror}",
        code="release/disk",
        where=Where(file=str(path)),
    )
