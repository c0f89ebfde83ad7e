# SPDX-License-Identifier: Apache-2.0
"""Prove to a member what releases have of hers, and check such a proof offline (specs/release.md, [REL-34], [REL-35])."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.public_tree.files import given_vkeys, read_file
from privity.app.public_tree.opening import PublicTree, open_tree
from privity.app.public_tree.proving import prove_entry
from privity.app.releases.members.membership import release_index, stream_keys
from privity.app.releases.members.reindexing import index_again
from privity.app.releases.state.looking import being_made
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState
from privity.app.releases.state.steady import steady
from privity.app.workspace.ids import member_named
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name
from privity.entries.genesis import SIMULATED
from privity.entries.receipts import Receipt, open_receipt
from privity.errors import (
    ConflictError,
    UnavailableError,
    VerificationError,
)
from privity.ledger.ports import NotFoundError
from privity.ledger.prefix import PrefixProof
from privity.members.facts import MemberId
from privity.release.leaves import leaf_of, read_leaves
from privity.release.member_proof import (
    STREAM,
    WITHOUT,
    Claim,
    MemberProof,
    Opened,
    ReleaseProof,
    Shown,
    nothing_signed,
    open_member_proof,
)
from privity.release.pairs import ids_as_text
from privity.release.tags import key_without_stream, leaf_salt, release_tag, value_of
from privity.store.files import unreachable
from privity.store.releases import HeldRow, IndexedRelease, Releases
from privity.vocabulary.terms import quoted

Ints = npt.NDArray[np.int64]

STAGE: Final = "prove"
_PLACE: Final = "<u4"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvedMember:
    """A proof, and what it shows.

    Attributes:
        proof: The proof.
        shown: What it shows of each release.
    """

    proof: MemberProof
    shown: tuple[Shown, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedMember:
    """A proof that holds.

    Attributes:
        member: Whom it is for.
        origin: The log's name.
        shown: What it shows of each release.
        compared: Whether the tags were compared with the key of her receipt.
    """

    member: MemberId
    origin: str
    shown: tuple[Shown, ...]
    compared: bool

    @property
    def simulated(self) -> bool:
        """Whether the log's instants were set, as its name says."""
        return self.origin.endswith(SIMULATED)


def prove_member(
    workspace: Workspace,
    member: str,
    *,
    release: str | None = None,
    tree: PublicTree | None = None,
    progress: Callable[[str, int], None] = lambda _stage, _releases: None,
) -> ProvedMember:
    """Prove what releases have of a member's, as they are now; what is given was verified.

    Args:
        workspace: Whose releases.
        member: Her id, as text.
        release: One release; None is all of them, the ended ones too.
        tree: The public tree that was opened already, for proofs of one checkpoint; None opens it.
        progress: Told of the stage `prove` and how many more releases are done.

    Raises:
        InputError: There is no such release (`release/unknown-release`), or the id is none.
        ConflictError: A release is on its way to its next revision, not published yet (`release/not-published`), or has
            records of hers from before she was erased (`release/erased-there`).
        VerificationError: Something in the workspace does not hold.
        UnavailableError: Something cannot be read.
    """
    who = member_named(workspace, member)
    return steady(
        workspace,
        lambda: _prove_member(workspace, who, release=release, tree=tree, progress=progress),
    )


def _prove_member(
    workspace: Workspace,
    who: MemberId,
    *,
    release: str | None,
    tree: PublicTree | None,
    progress: Callable[[str, int], None],
) -> ProvedMember:
    register = register_of(workspace)
    asked = (
        tuple(register.releases.values()) if release is None else (register.release(release),)
    )
    for state in asked:
        if being_made(workspace, state):
            raise ConflictError(
                f"another process makes the release {quoted(state.name)}",
                code="release/held",
                hint="try again when it has ended",
            )
    made: list[ReleaseProof] = []
    ((_, key),) = stream_keys(workspace, [who])
    if asked:
        opened = _tree(workspace) if tree is None else tree
        with release_index(workspace) as index:
            for state in asked:
                made.append(_prove(workspace, opened, index, state, who, key))
                progress(STAGE, 1)
    proof = MemberProof(origin=workspace.settings.origin, member=who, releases=tuple(made))
    shown = open_member_proof(proof, workspace.log.vkeys, key=key)
    return ProvedMember(proof=proof, shown=shown)


def check_member_proof(
    path: Path, vkeys: tuple[str, ...], *, receipt: Path | None = None
) -> CheckedMember:
    """Check a member's proof, offline.

    Args:
        path: The proof's file.
        vkeys: The keys of the log that are believed, as text or as names of files; one at least.
        receipt: Her receipt, by whose key the tags are compared; None does not.

    Raises:
        InputError: A file cannot be read, is no proof or no receipt, or a key is none.
        VerificationError: The proof does not hold, is of no release (`release/unsigned`), or the receipt is not hers.
    """
    proof = MemberProof.parse(read_file(path))
    if not proof.releases:
        raise nothing_signed()
    key = None
    if receipt is not None:
        held = Receipt.parse(read_file(receipt))
        open_receipt(held)
        if (held.member, held.origin) != (proof.member, proof.origin):
            raise VerificationError(
                "the receipt is another member’s, or of another log, than the proof",
                code="release/member-proof",
                hint="give the receipt of whom the proof is for",
            )
        key = held.key
    shown = open_member_proof(proof, given_vkeys(vkeys), key=key)
    return CheckedMember(
        member=proof.member, origin=proof.origin, shown=shown, compared=key is not None
    )


def _tree(workspace: Workspace) -> PublicTree:
    vkeys = tuple(one.to_text() for one in workspace.log.vkeys)
    try:
        return open_tree(str(workspace.places.public), vkeys)
    except NotFoundError as error:
        raise _not_published("nothing of this log is published yet") from error


def _prove(  # noqa: PLR0917 - of what it is made, then of whom
    workspace: Workspace,
    tree: PublicTree,
    index: Releases,
    state: ReleaseState,
    member: MemberId,
    key: bytes | None,
) -> ReleaseProof:
    known = index.get(state.name) or index_again(workspace, index, state)
    places = ReleasePlaces.of(workspace.places, state.name)
    leaves = read_leaves(places.leaves)
    newest, crown = state.newest, leaves.crown()
    if crown.root != newest.says.content.members_root or known.revision != state.revision:
        raise ConflictError(
            f"release `{state.name}` is on its way to its revision {state.revision}",
            code="release/moved",
            hint="run `privity revoke run`, and try again",
        )
    if newest.index >= tree.checkpoint.size:
        raise _not_published(f"release `{state.name}` is not published yet")
    entry = prove_entry(tree, newest.index)
    without = key_without_stream(known.salt, member)
    keys = {STREAM: key, WITHOUT: without}
    tags = {
        by: release_tag(one, state.name) for by, one in sorted(keys.items()) if one is not None
    }
    held = index.held(state.name, [key_name(member)]).get(key_name(member))
    if held is not None and held.tag not in tags.values():
        raise ConflictError(
            f"release `{state.name}` has records of hers from before she was erased",
            code="release/erased-there",
            hint="run `privity revoke run`, and try again",
        )
    claims = []
    for by, tag in tags.items():
        bucket = leaves.bucket(crown.place(tag))
        proof = crown.prove(tag, bucket)
        opened = _opened(places.private, known, tag, proof, held)
        leaf = leaf_of(bucket, tag)
        if opened is not None and (
            leaf is None or leaf.value != value_of(opened.salt, opened.records)
        ):
            raise _damaged(state.name)
        shown_key = without if by == WITHOUT else None
        claims.append(Claim(by=by, tag=tag, key=shown_key, proof=proof, opened=opened))
    return ReleaseProof(entry=entry.entry, log=entry.proof, claims=tuple(claims))


def _opened(
    private: Path,
    release: IndexedRelease,
    tag: bytes,
    proof: PrefixProof,
    held: HeldRow | None,
) -> Opened | None:
    """Give what a leaf says, if the tag is in."""
    mine = held if held is not None and held.tag == tag else None
    if (mine is not None) != proof.is_in:
        raise _damaged(release.name)
    if mine is None:
        return None
    texts = set(record_texts(private, release, mine.places))
    return Opened(
        salt=leaf_salt(release.salt, tag), records=tuple(sorted(texts, key=str.encode))
    )


def record_texts(private: Path, release: IndexedRelease, places: bytes) -> Sequence[str]:
    """Give the ids of records by their places, as text; only row groups that have some are read.

    Args:
        private: The folder of the files that the release's rows were decided by.
        release: The release, as the index has it.
        places: As the index has them.

    Raises:
        UnavailableError: A file cannot be read.
    """
    wanted = np.frombuffer(places, _PLACE).astype(np.int64)
    found: list[str] = []
    for file in release.files:
        low, high = np.searchsorted(wanted, (file.first, file.first + file.rows))
        if low == high or file.name is None:
            continue
        gone = np.frombuffer(file.gone, _PLACE).astype(np.int64)
        mine = wanted[low:high]
        # A row has its place less those before it that are gone.
        rows = mine - file.first - np.searchsorted(gone, mine)
        found += _texts_at(private / file.name, rows)
    return found


def _texts_at(path: Path, rows: Ints) -> list[str]:
    found: list[str] = []
    try:
        with pq.ParquetFile(path) as file:
            first = 0
            for group in range(file.num_row_groups):
                size = file.metadata.row_group(group).num_rows
                low, high = np.searchsorted(rows, (first, first + size))
                if low < high:
                    ids = file.read_row_group(group, columns=["record_id"], use_threads=False)
                    mine = ids.column(0).take(pa.array(rows[low:high] - first))
                    found += ids_as_text(mine).to_pylist()
                first += size
    except (OSError, pa.ArrowException) as error:
        raise unreachable(path, OSError(str(error))) from error
    return found


def _not_published(seen: str) -> ConflictError:
    return ConflictError(
        seen,
        code="release/not-published",
        hint="run `privity ledger publish DIR`, and try again",
    )


def _damaged(name: str) -> UnavailableError:
    return UnavailableError(
        f"what is kept of the members of release `{name}` does not agree: its leaves, the index, and the "
        "files that its rows were decided by",
        code="release/leaves",
        hint="put the vault back from a backup",
    )
