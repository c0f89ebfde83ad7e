# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001 - a script beside what it makes, no package
"""Make this log again, to the last byte: the same clock, the same keys, the same entries.

    python examples/ledger/make.py FOLDER

Its keys are written here for everybody to read, so it shows how a log looks and proves nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from privity.canonical.instants import parse_instant
from privity.entries.agreement import AgreementEntry
from privity.entries.clearing import CommittedClearing, Inputs, PreparedClearing
from privity.entries.compose import compose_private, compose_public
from privity.entries.enrol import EnrolEntry
from privity.entries.erasure import ErasedEntry, ErasureBatchEntry
from privity.entries.fact import FactEntry
from privity.entries.genesis import GenesisEntry
from privity.entries.kinds import PrivateKind, PublicKind
from privity.entries.notice import NoticeEntry
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.ledger.log import append
from privity.ledger.note import Signer
from privity.ledger.publish import publish
from privity.ledger.recover import Log
from privity.policy.parse import parse_policy
from privity.store.files import Folder, NoteFile
from privity.store.sqlite import create_log

ORIGIN: Final = "example.com/small/simulated"
SIGNER: Final = Signer(name=ORIGIN, seed=bytes(range(32)))
POLICY: Final = Path(__file__).resolve().parents[1] / "small" / "policy.yaml"

Entries = list[bytes]


@dataclass
class Writing:
    """Composes entries, each stream with its own numbers."""

    time: int = 0
    entries: Entries = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def on(self, day: str) -> None:
        """Set the clock."""
        self.time = parse_instant(f"{day}T08:00:00Z")

    def public(self, *says: PublicKind) -> None:
        """Add entries to public streams."""
        for one in says:
            self.numbers[one.STREAM] += 1
            number = self.numbers[one.STREAM]
            made = compose_public(one, number=number, time=self.time, origin=ORIGIN)
            self.entries.append(made.data)

    def private(self, member: str, *says: PrivateKind) -> None:
        """Add entries to a member's stream, whose key follows from the name: never do this."""
        stream = f"member {member}"
        for one in says:
            self.numbers[stream] += 1
            number, key = self.numbers[stream], sha256(stream.encode()).digest()
            made = compose_private(one, key=key, number=number, time=self.time, origin=ORIGIN)
            self.entries.append(made.data)

    def taken(self) -> Entries:
        """Give what was added since the last time."""
        entries, self.entries = self.entries, []
        return entries


def until_the_notice(writing: Writing) -> None:
    """Until everything is announced."""
    writing.on("2024-09-18")
    text = POLICY.read_bytes()
    version = parse_policy(text.decode(), file=str(POLICY))
    writing.public(
        GenesisEntry(
            origin=ORIGIN,
            vkey=SIGNER.vkey.to_text(),
            clock="simulated",
            attested="restrict",
            vocabulary="1.0.0",
        ),
        RecipientEntry(action="added", id="self", at=writing.time, role="controller"),
        RecipientEntry(action="added", id="lab", at=writing.time, role="third-party"),
        PolicyEntry(
            policy=version.policy,
            version=version.version,
            effective_at=version.effective_at,
            sha256=sha256(text).hexdigest(),
            size=len(text),
        ),
        NoticeEntry(id="genai-2024-09", effective_at=writing.time, languages=("en",)),
        AgreementEntry(
            id="subscription",
            sha256=sha256(b"the contract").hexdigest(),
            policy="genai-training",
            promises=("confidentiality",),
        ),
    )
    writing.on("2024-09-20")
    for member, country in (("ana", "US"), ("chi", "IN")):
        writing.private(
            member,
            EnrolEntry(member=member),
            _fact(writing, member, "jurisdiction", country, evidence="declared"),
            _fact(writing, member, "notice", "genai-2024-09"),
        )


def until_the_objection(writing: Writing) -> None:
    """Until somebody changes her mind, and somebody leaves."""
    writing.on("2024-10-01")
    writing.private("ana", _fact(writing, "ana", "setting", "on", setting="genai-improvement"))
    writing.private("chi", _fact(writing, "chi", "setting", "on", setting="genai-improvement"))
    writing.on("2025-01-10")
    request = {
        "clearing": "2025-01",
        "purpose": "genai-training",
        "recipient": "self",
        "at": writing.time,
        "ledger_size": 14,
        "policy": "genai-training",
        "version": "2024-09-18",
    }
    writing.public(
        PreparedClearing(**request),
        CommittedClearing(
            **request,
            inputs=Inputs.of([sha256(b"records").hexdigest()]),
            records=8,
            permitted=3,
            manifest=sha256(b"manifest").hexdigest(),
        ),
    )
    writing.on("2025-04-01")
    writing.private("chi", _fact(writing, "chi", "setting", "off", setting="genai-improvement"))
    writing.public(OrderEntry(action="issued", id="2025-7", at=writing.time, purposes=()))
    writing.on("2025-05-02")
    writing.private("ana", ErasedEntry())
    writing.public(ErasureBatchEntry(count=1))


def make(folder: Path) -> None:
    """Write the log: `public`, the key as one gets it by another way, and an earlier checkpoint."""
    writing = Writing()
    with _log(folder / "public") as log:
        until_the_notice(writing)
        _append(log, writing)
        (folder / "earlier-checkpoint").write_bytes(publish(log, [SIGNER]).note)
        until_the_objection(writing)
        _append(log, writing)
        publish(log, [SIGNER])
    (folder / "vkey").write_text(f"{SIGNER.vkey.to_text()}\n", encoding="utf-8")


@contextmanager
def _log(public: Path) -> Iterator[Log]:
    """Open a new log whose database nobody keeps."""
    with tempfile.TemporaryDirectory() as aside:
        store = create_log(Path(aside) / "ledger.db", origin=ORIGIN)
        tree = Folder(public)
        tree.replace("vkey", f"{SIGNER.vkey.to_text()}\n".encode())
        anchor = NoteFile(Path(aside) / "anchor")
        try:
            yield Log(
                origin=ORIGIN, vkeys=(SIGNER.vkey,), store=store, tree=tree, anchor=anchor
            )
        finally:
            store.close()


def _append(log: Log, writing: Writing) -> None:
    text = POLICY.read_bytes()
    with log.store.transaction() as tx:
        tx.put_object(sha256(text).hexdigest(), text)
        append(tx, writing.taken(), time=writing.time)


def _fact(writing: Writing, member: str, fact: str, value: str, **detail: str) -> FactEntry:
    return FactEntry(member=member, fact=fact, value=value, at=writing.time, detail=detail)


if __name__ == "__main__":
    if len(sys.argv) != 1 + len(("FOLDER",)):
        sys.exit(f"usage: {Path(sys.argv[0]).name} FOLDER")
    make(Path(sys.argv[1]))
