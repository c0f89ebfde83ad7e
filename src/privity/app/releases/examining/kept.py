# SPDX-License-Identifier: Apache-2.0
"""Hold what a workspace keeps of releases and runs to the entries that name it by its hash ([REL-154]).

What recipients signed, what a model read, what a set was cleared by, what a recipient is to delete: without these an entry
is a hash that nobody can say anything of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from privity.app.releases.examining.by_proof import check_proof_of
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.states import ReleaseState, RevocationState, RunState
from privity.app.workspace.keyring import former_vkeys
from privity.app.workspace.parts import Workspace
from privity.canonical.encode import digest_file
from privity.errors import PrivityError, VerificationError
from privity.release.branches import leaves_hold
from privity.release.clear import MANIFEST
from privity.release.leaves import read_leaves
from privity.release.opened import ReadRelease
from privity.release.revocation import BUNDLE, NOTICE, Notice, read_notice
from privity.store.files import unreachable
from privity.train.batches import read_journal, root_of

CODE: Final = "workspace/release"
REPAIR: Final = "run `privity ledger repair DIR`"
_SIGNED: Final = (
    "put back a copy of the vault, or what the recipient signed: it has the same file"
)
_AWAY: Final = "move it away, and put back the vault's backup: `privity ledger restore`"


def put_back(places: ReleasePlaces) -> str:
    """Give the hint for what is private of a release: it is put back as a whole, or not at all."""
    return f"move `{places.private}` away, and put back the vault's backup: `privity ledger restore`"


@dataclass(kw_only=True, slots=True)
class Kept:
    """A look at what is kept, and what it found.

    Attributes:
        workspace: Whose.
        tell: Told of what is wrong.
        looked: The files that were held to an entry.
        lacking: What is not here and may never have been, in sentences.
    """

    workspace: Workspace
    tell: Callable[[PrivityError], None]
    looked: set[Path] = field(default_factory=set)
    lacking: list[str] = field(default_factory=list)

    def hold(self, path: Path, hint: str, look: Callable[[], object]) -> None:
        """Look at a file, and tell that it is missing, or what is wrong with it."""
        self.looked.add(path)
        try:
            if path.is_file():
                look()
            else:
                self.wrong(f"`{path}` is not there", hint)
        except FileNotFoundError as error:
            self.wrong(f"`{error.filename or path}` is not there", hint)
        except OSError as error:
            self.tell(unreachable(path, error))
        except (PrivityError, ValueError) as error:
            why = error.message if isinstance(error, PrivityError) else str(error)
            self.wrong(f"`{path}` is not what the log says: {why}", hint)

    def wrong(self, why: str, hint: str | None) -> None:
        """Tell of something that does not hold."""
        self.tell(VerificationError(why, code=CODE, hint=hint))

    def digest(self, path: Path, sha256: str, hint: str) -> None:
        """Hold a file to its SHA-256."""

        def look() -> None:
            if digest_file(path) != sha256:
                raise _differs("it has another SHA-256 than the one that is named")

        self.hold(path, hint, look)

    def cleared(
        self, state: ReleaseState, places: ReleasePlaces, manifests: Mapping[str, str]
    ) -> None:
        """Hold the manifest of the clearing that a release was made by; the log of another program may have none."""
        sha256 = manifests.get(state.created.says.clearing)
        if sha256 is not None:
            self.digest(places.cleared / MANIFEST, sha256, put_back(places))

    def attested(self, state: ReleaseState, places: ReleasePlaces) -> None:
        """Hold what a recipient signed of what it deleted."""
        for revocation in state.revocations:
            for ack in revocation.acks:
                path = places.attestations / f"{revocation.name}.json"
                self.digest(path, ack.says.attestation, _SIGNED)

    def leaves(self, state: ReleaseState, places: ReleasePlaces) -> None:
        """Hold the leaves of the members' tree, to the last one."""

        def look() -> None:
            if not leaves_hold(read_leaves(places.leaves), state.content.members_root):
                raise _differs("its leaves have another root than the entry’s")

        self.hold(places.leaves, REPAIR, look)

    def proved(self, state: ReleaseState, read: ReadRelease, published: int) -> None:
        """Hold the proof of a release's entry; it follows from the public tree, and may come later than that."""
        path = read.folder.proof
        if not path.exists():
            if state.newest.index < published:
                self.lacking.append(f"`{path}`: the next hand-over puts it there")
            return
        vkeys = (
            *(one.to_text() for one in self.workspace.log.vkeys),
            *former_vkeys(self.workspace.places),
        )
        hint = "move it away: the next hand-over puts the right one there"
        self.hold(path, hint, lambda: check_proof_of(read.folder, read.described, vkeys))

    def taken_back(self, state: ReleaseState, places: ReleasePlaces) -> None:
        """Hold what recipients are given of what is taken back; where none needs it any more it may be gone."""
        for revocation in state.revocations:
            folder = places.revocations / revocation.name
            if revocation.done is None or not (folder.exists() or needed(state, revocation)):
                continue
            self._bundle(state, revocation, folder / BUNDLE, put_back(places))

    def _bundle(
        self, state: ReleaseState, revocation: RevocationState, bundle: Path, hint: str
    ) -> None:
        path = bundle / NOTICE

        def look() -> None:
            notice = read_notice(path.read_bytes(), state.created.says.key)
            if not self._is_of(notice, state, revocation):
                raise _differs("it says something else of what is taken back")
            for name, sha256 in notice.files.items():
                if "/" in name or name in {"", ".", ".."}:
                    raise _differs("it names a file that lies elsewhere")
                self.digest(bundle / name, sha256, hint)

        self.hold(path, hint, look)

    def _is_of(self, notice: Notice, state: ReleaseState, revocation: RevocationState) -> bool:
        due, done = revocation.due, revocation.done
        return done is not None and notice == Notice(
            origin=self.workspace.settings.origin,
            revocation=revocation.name,
            release=state.name,
            revision=due.says.revision,
            next=done.says.revision,
            recipient=state.recipient,
            at=due.time,
            due=due.index,
            deadline=due.says.deadline,
            ledger_size=due.says.ledger_size,
            members=due.says.members,
            records=due.says.records,
            tags_root=due.says.tags_root,
            files=notice.files,
            writer=notice.writer,
        )

    def journal(self, run: RunState) -> None:
        """Hold the journal of a run that ended; whoever ended it may have given none."""
        if run.end is None:
            return
        path, says = self.workspace.places.run_journals / f"{run.name}.jsonl", run.end.says
        if not path.exists():
            if says.batches:
                self.lacking.append(
                    f"`{path}`: which {says.batches:,} batches run `{run.name}` read is said nowhere here"
                )
            return

        def look() -> None:
            data = path.read_bytes()
            lines = read_journal(path)
            if (len(lines), root_of(lines)) != (
                says.batches,
                says.batches_root,
            ) or data != b"".join(one.to_bytes() + b"\n" for one in lines):
                raise _differs("the run’s end has other batches, or another root over them")

        self.hold(path, _AWAY, look)


def needed(state: ReleaseState, revocation: RevocationState) -> bool:
    """Tell whether a recipient has still to be given what it is to delete."""
    out = any(
        one.out and one.handed.says.revision <= revocation.due.says.revision
        for one in state.disclosures
    )
    return out and not revocation.acks


def _differs(why: str) -> VerificationError:
    return VerificationError(why, code=CODE)
