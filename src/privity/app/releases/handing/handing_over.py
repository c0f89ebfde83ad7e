# SPDX-License-Identifier: Apache-2.0
"""Hand a release over: the only way that one leaves a workspace (specs/release.md, part 4).

(1) give up what killed hand-overs left, (2) look whether the release may be used, (3) copy it aside and verify the copy,
(4) look once more, beside nobody who could change the answer, and by the same commit say that it is handed over,
(5) say in the copy by which entry it came, (6) give it its name. Until (4) whatever stops it leaves nothing; from there to
(6) the log says in the end that it failed, and nobody could have read it.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.app.releases.handing.copying_out import Told, copy_release
from privity.app.releases.handing.handing_marks import (
    HandingMark,
    give_up,
    hand_over_mark,
    recover_hand_overs,
)
from privity.app.releases.making.finishing import recover_releases
from privity.app.releases.standing.usable import (
    Usable,
    check_usable,
    enter_looked,
    recipient_key,
)
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.proofs import put_proof
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState
from privity.app.releases.taking_back.revoking import recover_revocations, still
from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.by_itself import Failed
from privity.app.workspace.parts import Workspace
from privity.canonical.encode import digest_file
from privity.entries.disclosure import HandedOver
from privity.errors import ConflictError, InputError, PrivityError, Where
from privity.release.aside import settle
from privity.release.described import Described
from privity.release.disclosed import NAME, Disclosed
from privity.release.laid_out import put
from privity.release.opened import ReadRelease
from privity.store.files import unreachable
from privity.store.lock import PATIENCE
from privity.vocabulary.terms import quoted

STAGES: Final = ("copy", "verify")
"""The stages that `told` is told of, in bytes."""
_NAME: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOver:
    """A release that was handed over.

    Attributes:
        out: The copy.
        disclosed: By which entry.
        described: What was copied.
    """

    out: Path
    disclosed: Disclosed
    described: Described


def hand_over(
    workspace: Workspace,
    release: str,
    recipient: str,
    out: Path,
    *,
    threads: int = 2,
    told: Told = lambda _stage, _bytes: None,
) -> HandOver:
    """Hand the newest revision of a release over to its recipient.

    Args:
        workspace: Where it is.
        release: Its name.
        recipient: Who gets it: the one that it was made for.
        out: The folder to make, where the recipient takes it from.
        threads: How many files are copied and hashed at once.
        told: Told of how far it came.

    Raises:
        InputError: There is no such release, or the copy would lie in the workspace (`release/inside`).
        ConflictError: It was made for somebody else (`release/other-recipient`), the register has no key of the recipient
            (`release/recipient-no-key`), the folder is there already (`release/exists`), somebody changes the release
            (`release/held`), or as `check_usable`.
        VerificationError: What lies there is not what the log says of it.
        UnavailableError: The disk is full or fails.
    """
    _check_outside(workspace, out)
    failed: Failed = {}
    recover_releases(workspace, threads=threads, failed=failed)
    failed |= recover_revocations(workspace, threads=threads).failed
    if release in failed:
        raise failed[release]
    # What cannot be finished of others is told by `privity ledger publish`.
    recover_hand_overs(workspace, {})
    with still(workspace, release):
        state = register_of(workspace).release(release)
        if state.recipient != recipient:
            raise ConflictError(
                f"release {quoted(release)} was made for {quoted(state.recipient)}, not for {quoted(recipient)}",
                code="release/other-recipient",
                hint="make a release for that recipient with `privity release create`",
            )
        check_usable(workspace, state, threads=threads)
        recipient_key(workspace, recipient)
        _check_free(out)
        # The proof of the newest entry goes along: it can be made once that is published.
        publish_if_free(workspace, seconds=PATIENCE)
        put_proof(workspace, release)
        return _Handing(workspace, state, out, threads).run(told)


class _Handing:
    """One hand-over on its way."""

    def __init__(
        self, workspace: Workspace, state: ReleaseState, out: Path, threads: int
    ) -> None:
        self._workspace = workspace
        self._state = state
        self._out = out
        self._threads = threads
        self._name = f"d{secrets.token_hex(_NAME)}"
        self._aside = out.absolute().parent / f".{out.name}.handing-{self._name}"

    def run(self, told: Told) -> HandOver:
        places = ReleasePlaces.of(self._workspace.places, self._state.name)
        with hand_over_mark(
            self._workspace, self._name, self._aside, self._out.absolute()
        ) as marked:
            try:
                copied = copy_release(
                    places.folder, self._aside, threads=self._threads, told=told
                )
                _check_newest(copied, self._state)
                disclosed = self._say(copied)
                self._give_name(disclosed)
            except BaseException:
                self._give_up(marked)
                raise
            marked.forget()
        return HandOver(out=self._out, disclosed=disclosed, described=copied.described)

    def _say(self, copied: ReadRelease) -> Disclosed:
        """Look once more, and say by the same commit that it is handed over (4)."""
        handed = HandedOver(
            disclosure=self._name,
            release=self._state.name,
            revision=copied.described.revision,
            recipient=self._state.recipient,
            files_root=copied.manifest.root,
            certificate=digest_file(copied.folder.certificate),
        )
        made, _ = enter_looked(self._workspace, self._look, lambda _found: handed)
        return Disclosed(
            origin=self._workspace.settings.origin,
            handed=handed,
            index=made.first,
            time=made.time,
        )

    def _look(self, workspace: Workspace) -> tuple[Usable]:
        state = register_of(workspace).release(self._state.name)
        if state.revision != self._state.revision:
            raise ConflictError(
                f"release {quoted(state.name)} became revision {state.revision} meanwhile",
                code="release/moved",
                hint="hand it over again",
            )
        recipient_key(workspace, state.recipient)
        return (check_usable(workspace, state, threads=self._threads),)

    def _give_name(self, disclosed: Disclosed) -> None:
        """Say by which entry the copy came (5), and let it be read (6)."""
        aside, out = self._aside, self._out
        try:
            put(aside / NAME, disclosed.to_bytes())
            _check_free(out)
            aside.rename(out)
            settle(aside.parent)
        except OSError as error:
            raise unreachable(out, error) from error

    def _give_up(self, marked: HandingMark) -> None:
        """End it; where that cannot be done now, the mark stays for who can."""
        with suppress(PrivityError, OSError):
            give_up(self._workspace, marked)


def _check_newest(copied: ReadRelease, state: ReleaseState) -> None:
    """Check that what was copied is what the log has as the newest revision."""
    described = copied.described
    if (described.created, described.says) != (state.created.says, state.newest.says):
        raise ConflictError(
            f"the folder of release {quoted(state.name)} is not the revision {state.revision} that the log "
            "has as its newest",
            code="release/moved",
            hint="finish what was cut short with `privity ledger publish`, and hand it over again",
        )


def _check_outside(workspace: Workspace, out: Path) -> None:
    """Check that a copy would not lie in the workspace, of which a part is served to everybody."""
    if out.resolve().is_relative_to(workspace.places.root.resolve()):
        raise InputError(
            "the copy would lie in the workspace, expected a folder elsewhere",
            code="release/inside",
            hint="name a folder where the recipient alone takes it from",
            where=Where(file=str(out)),
        )


def _check_free(out: Path) -> None:
    if out.exists() or out.is_symlink():
        raise ConflictError(
            "the folder is there already, expected a name that is free",
            code="release/exists",
            hint="name another folder with `--to`",
            where=Where(file=str(out)),
        )
