# SPDX-License-Identifier: Apache-2.0
"""Entries about one release, as a log has them."""

from __future__ import annotations

from dataclasses import replace

from privity.entries.disclosure import HandedOver
from privity.entries.dsse import EnvelopeSigner
from privity.entries.kinds import PublicKind
from privity.entries.release import Content, CreatedRelease, RevisedRelease
from privity.entries.revocation import DoneRevocation, DueRevocation
from privity.entries.run import RunStart
from privity.release.standing import Said, Standing, standing_of

SIGNER = EnvelopeSigner(seed=bytes(range(32)))
OTHER = EnvelopeSigner(seed=bytes(range(1, 33)))
ORIGIN = "example.com/log"
SHA = "ab" * 32
DAY = 86_400
MADE = 100 * DAY
"""When the release was made."""

CONTENT = Content(
    files=2,
    size=900,
    rows=30,
    files_root=b"\1" * 32,
    members=5,
    members_root=b"\2" * 32,
    manifest=SHA,
    columns=SHA,
)
LESS = replace(CONTENT, rows=28, files_root=b"\3" * 32)
CREATED = CreatedRelease(
    release="corpus",
    clearing="c1",
    purpose="genai-training",
    recipient="lab",
    ledger_size=7,
    content=CONTENT,
    key=SIGNER.public,
    expires_at=MADE + 50 * DAY,
)
DUE = DueRevocation(
    revocation="v1",
    release="corpus",
    revision=1,
    ledger_size=9,
    members=1,
    records=2,
    tags_root=b"\4" * 32,
    deadline=MADE + 9 * DAY,
)
REVISED = RevisedRelease(
    release="corpus", revision=2, ledger_size=11, content=LESS, revocation="v1"
)
DONE = DoneRevocation(revocation="v1", release="corpus", revision=2)
HANDED = HandedOver(
    disclosure="d1",
    release="corpus",
    revision=1,
    recipient="lab",
    files_root=CONTENT.files_root,
    certificate=SHA,
)
START = RunStart(
    run="run-1",
    recipient="lab",
    releases=(("corpus", 1),),
    ledger_size=20,
    code=SHA,
    config=SHA,
)


def standing(*says: PublicKind, before: tuple[PublicKind, ...] = ()) -> Standing:
    """Give how the release stands after it was made at entry 7 and this was said, a day each."""
    entries = (*before, CREATED, *says)
    first = 7 - len(before)
    return standing_of(
        "corpus",
        [
            Said(index=first + at, time=MADE + (at - len(before)) * DAY, says=one)
            for at, one in enumerate(entries)
        ],
        heeded=MADE,
    )
