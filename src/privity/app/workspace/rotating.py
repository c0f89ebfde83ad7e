# SPDX-License-Identifier: Apache-2.0
"""Rotate the key that signs the log: announce another one, and let both sign for a while (docs/workspace.md).

The steps are numbered; whoever was killed after any of them left a state that the next command goes on from. Before
the entry that announces it (3) nothing has happened, and the next rotation takes up the key that was made.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from privity.app.workspace.keyring import (
    both_sign_until,
    put_former,
    put_signer,
    read_signer,
    request_of,
)
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import publish_locked, record
from privity.canonical.instants import Instant, format_instant
from privity.entries.keys import KeysEntry
from privity.errors import ConflictError
from privity.ledger.note import SEED_SIZE, Signer
from privity.ledger.publish import Published
from privity.store.lock import PATIENCE, locked

BOTH_SIGN: Final = 30 * 86_400
"""Seconds for which a key signs beside the one that follows it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotated:
    """A rotation.

    Attributes:
        previous: The verifier key that signed so far, as text.
        vkey: The one that follows.
        both_until: Until when both sign.
        published: What is public now.
    """

    previous: str
    vkey: str
    both_until: Instant
    published: Published


def rotate_keys(workspace: Workspace) -> Rotated:
    """Exchange the key that signs the log for a new one.

    Raises:
        ConflictError: The rotation before is not over (`workspace/rotation`), or another process publishes.
        VerificationError: Something does not hold; nothing was signed.
        UnavailableError: The disk is full or fails.
    """
    places = workspace.places
    with locked(places.lock, seconds=PATIENCE):
        # What is there is published by the keys of so far; a rotation that is due to be over then is.
        publish_locked(workspace)
        _check_over(workspace)
        previous = read_signer(places.signer).vkey.to_text()
        # (1) The new key. One that was made and not announced is taken.
        if not places.next_signer.exists():
            seed = secrets.token_bytes(SEED_SIZE)
            put_signer(places.next_signer, Signer(name=workspace.settings.origin, seed=seed))
        vkey = read_signer(places.next_signer).vkey.to_text()
        # (2) The old one, for the notes that it signed.
        put_former(places, previous)
        # (3) The entry. From here on the new key signs, whoever publishes.
        both_until = workspace.now() + BOTH_SIGN
        record(
            workspace,
            [KeysEntry(previous=previous, vkey=vkey, both_until=both_until)],
            request=request_of(vkey),
        )
        # (4) The keys change places, and (5) both sign.
        published = publish_locked(workspace)
    return Rotated(previous=previous, vkey=vkey, both_until=both_until, published=published)


def _check_over(workspace: Workspace) -> None:
    if workspace.places.previous_signer.exists():
        known = both_sign_until(workspace.places, workspace.store)
        until = "" if known is None else f", and both sign until {format_instant(known)}"
        raise ConflictError(
            f"the keys were exchanged already{until}",
            code="workspace/rotation",
            hint="publish after that, and rotate again; if a key came to others, nothing but a new log helps",
        )
