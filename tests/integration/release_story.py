# SPDX-License-Identifier: Apache-2.0
"""What a log says of one release, from its making to its end: every kind of entry that there is of releases."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from privity.canonical.instants import Instant
from privity.entries.clearing import CommittedClearing, Inputs
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.dsse import EnvelopeSigner
from privity.entries.kinds import PublicKind
from privity.entries.model import ModelEntry
from privity.entries.release import Content, CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.revocation import (
    DoneRevocation,
    DueRevocation,
    NotifiedRevocation,
    RevocationAck,
)
from privity.entries.run import RunEnd, RunStart

SIGNER: Final = EnvelopeSigner(seed=bytes([7]) * 32)
DAY: Final = 86400
ACKNOWLEDGEMENT: Final = b"ack"
"""What stands for what a recipient signed, which is public."""


def root(text: str) -> bytes:
    """Give 32 bytes of one's own."""
    return sha256(text.encode()).digest()


def content(rows: int) -> Content:
    """Give what is in a release of so many rows."""
    return Content(
        files=2,
        size=100 * rows,
        rows=rows,
        files_root=root(f"files {rows}"),
        members=3,
        members_root=root(f"members {rows}"),
        manifest=root(f"manifest {rows}").hex(),
        columns=root("columns").hex(),
    )


def made(name: str, at: Instant, *, size: int = 5) -> list[PublicKind]:
    """Say that a release was cleared and made."""
    return [
        CommittedClearing(
            clearing=f"clearing of {name}",
            purpose="genai-training",
            recipient="self",
            at=at,
            ledger_size=size,
            inputs=Inputs.of([root("input").hex()]),
            records=20,
            permitted=10,
            manifest=root("clearing").hex(),
        ),
        CreatedRelease(
            release=name,
            clearing=f"clearing of {name}",
            purpose="genai-training",
            recipient="self",
            ledger_size=size,
            content=content(10),
            key=SIGNER.public,
            expires_at=at + 30 * DAY,
        ),
    ]


def story(name: str, at: Instant) -> list[PublicKind]:
    """Say all that can become of a release, in an order in which it may."""
    return [
        *made(name, at),
        *(
            HandedOver(
                disclosure=f"{name}-{which}", release=name, revision=1, recipient="self",
                files_root=content(10).files_root, certificate=root("certificate").hex(),
            )
            for which in ("lost", "there")
        ),
        FailedDisclosure(disclosure=f"{name}-lost"),
        AcknowledgedDisclosure(disclosure=f"{name}-there", acknowledgement=sha256(ACKNOWLEDGEMENT).hexdigest()),
        RunStart(
            run=f"{name}-run", recipient="self", releases=((name, 1),), ledger_size=6,
            code=root("code").hex(), config=root("config").hex(),
        ),
        RunEnd(
            run=f"{name}-run", how="completed", batches=4, batches_root=root("batches"),
            checkpoints=(root("checkpoint").hex(),),
        ),
        ModelEntry(model=f"{name}-model", run=f"{name}-run", sha256=root("model").hex()),
        DueRevocation(
            revocation=f"{name}-back", release=name, revision=1, ledger_size=9, members=1,
            records=2, tags_root=root("tags"), deadline=at + 3 * DAY,
        ),
        RevisedRelease(
            release=name, revision=2, ledger_size=9, content=content(8),
            revocation=f"{name}-back",
        ),
        DoneRevocation(revocation=f"{name}-back", release=name, revision=2),
        *(
            NotifiedRevocation(
                revocation=f"{name}-back", recipient="self", message="msg_1", ok=ok
            )
            for ok in (False, True)
        ),
        RevocationAck(
            revocation=f"{name}-back", recipient="self", attestation=root("gone").hex()
        ),
        EndedRelease(release=name, why="withdrawn"),
    ]  # fmt: skip
