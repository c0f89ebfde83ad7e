# SPDX-License-Identifier: Apache-2.0
"""Ledgers in folders, as their operator publishes them, or as somebody who has his key could."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.unit.ledger.logs import ORIGIN, SIGNER, MemoryTree, published

from privity.entries.compose import compose_private, compose_public
from privity.entries.enrol import EnrolEntry
from privity.entries.fact import FactEntry
from privity.entries.genesis import GenesisEntry
from privity.entries.kinds import PublicKind
from privity.entries.policy import PolicyEntry
from privity.ledger.note import Signer

BEGAN = 1_700_000_000
TEXT = b"policy: none\n"
OBJECT = f"object/sha256/{sha256(TEXT).hexdigest()}"


def ledger_entries(count: int, origin: str = ORIGIN, signer: Signer = SIGNER) -> list[bytes]:
    """The entries of a ledger: its genesis, a policy, and facts of members."""
    simulated = origin.endswith("/simulated")
    genesis = GenesisEntry(
        origin=origin,
        vkey=signer.vkey.to_text(),
        clock="simulated" if simulated else "system",
        attested="restrict",
        vocabulary="1",
    )
    policy = PolicyEntry(
        policy="p",
        version="1",
        effective_at=BEGAN,
        sha256=sha256(TEXT).hexdigest(),
        size=len(TEXT),
    )
    entries = [public_entry(genesis, 1, origin), public_entry(policy, 1, origin)]
    entries += [member_entry(index, origin) for index in range(2, count)]
    return entries[:count]


def public_entry(says: PublicKind, number: int, origin: str = ORIGIN) -> bytes:
    return compose_public(says, number=number, time=BEGAN, origin=origin).data


def member_entry(index: int, origin: str = ORIGIN) -> bytes:
    """An event of one of many members, each of whom has two."""
    number, member = index % 2 + 1, f"m{index // 2}"
    says = (
        EnrolEntry(member=member)
        if number == 1
        else FactEntry(member=member, fact="joined", at=BEGAN)
    )
    key = sha256(member.encode()).digest()
    return compose_private(
        says, key=key, number=number, time=BEGAN + index // 100, origin=origin
    ).data


def ledger_tree(entries: Sequence[bytes], signer: Signer = SIGNER) -> MemoryTree:
    """Everything that a public tree has."""
    tree = published(entries, signer)
    tree["vkey"] = f"{signer.vkey.to_text()}\n".encode()
    tree[OBJECT] = TEXT
    return tree


def write_tree(tree: MemoryTree, folder: Path) -> Path:
    for path, data in tree.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder
