# SPDX-License-Identifier: Apache-2.0
"""Enter what a recipient signed about a taking back (specs/release.md, [REL-124]).

Believed is the key that the register has of the recipient, and only where the attestation says of the copy what the log
says of the next revision. It does not show that there is no other copy.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from privity.app.releases.standing.usable import recipient_key
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import Register, ReleaseState, RevocationState
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Recorded, record
from privity.entries.dsse import LARGEST_ENVELOPE
from privity.entries.release import RevisedRelease
from privity.entries.revocation import RevocationAck
from privity.errors import ConflictError, InputError, Where
from privity.release.laid_out import put
from privity.release.revocation import Attestation, check_attests, read_attestation
from privity.store.files import unreachable
from privity.store.private import make_private_folder
from privity.vocabulary.terms import quoted


def attest_revocation(workspace: Workspace, name: str, path: Path) -> Recorded:
    """Verify an attestation, keep it, and enter that the recipient has signed.

    Args:
        workspace: Where.
        name: The taking back.
        path: The attestation.

    Raises:
        InputError: There is no such taking back, or the file is none.
        ConflictError: It is not done yet (`revoke/not-done`), was attested before (`revoke/attested`), or the register
            has no key of the recipient.
        VerificationError: The key did not sign it, or it says something else than the log.
        UnavailableError: The disk is full or fails.
    """
    register = register_of(workspace)
    release, revocation = found_revocation(register, name)
    revised = _revised(release, revocation)
    recipient = release.recipient
    if any(one.says.recipient == recipient for one in revocation.acks):
        raise ConflictError(
            f"{quoted(recipient)} has attested {quoted(name)} before", code="revoke/attested"
        )
    data = _read(path)
    said = read_attestation(data, recipient_key(workspace, recipient))
    due = revocation.due.says
    check_attests(
        said,
        Attestation(
            origin=workspace.settings.origin,
            revocation=name,
            release=release.name,
            revision=due.revision,
            next=revised.revision,
            recipient=recipient,
            records=due.records,
            tags_root=due.tags_root,
            files_root=revised.content.files_root,
            members_root=revised.content.members_root,
            at=said.at,
        ),
    )
    folder = ReleasePlaces.of(workspace.places, release.name).attestations
    try:
        make_private_folder(folder)
        put(folder / f"{name}.json", data)
    except OSError as error:
        raise unreachable(folder, error) from error
    digest = sha256(data).hexdigest()
    return record(
        workspace, [RevocationAck(revocation=name, recipient=recipient, attestation=digest)]
    )


def copies_with(workspace: Workspace, name: str) -> int:
    """Give how many copies went out with the records of a taking back; raises as `found_revocation`."""
    release, revocation = found_revocation(register_of(workspace), name)
    revision = revocation.due.says.revision
    return sum(one.out and one.handed.says.revision <= revision for one in release.disclosures)


def found_revocation(register: Register, name: str) -> tuple[ReleaseState, RevocationState]:
    """Give a taking back, and its release.

    Raises:
        InputError: There is none of this name (`revoke/unknown`).
    """
    for release in register.releases.values():
        for revocation in release.revocations:
            if revocation.name == name:
                return release, revocation
    raise InputError(
        f"the log has no taking back {quoted(name)}",
        code="revoke/unknown",
        hint="see `privity revoke status`",
    )


def _revised(release: ReleaseState, revocation: RevocationState) -> RevisedRelease:
    for one in release.revised:
        if one.says.revocation == revocation.name and revocation.done is not None:
            return one.says
    raise ConflictError(
        f"{quoted(revocation.name)} is not done: the operator's own copy still has the records",
        code="revoke/not-done",
        hint="finish it with `privity revoke run`",
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_ENVELOPE + 1)
    except OSError as error:
        raise InputError(
            f"the attestation cannot be read: {error.strerror}",
            code="revoke/unreadable",
            where=Where(file=str(path)),
        ) from error
