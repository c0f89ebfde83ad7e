# SPDX-License-Identifier: Apache-2.0
"""The dispute with a ledger, as it would have stood in one: its rules, members and releases enter when they happen.

A made network lives through the months of 2024 (examples/inmail-dispute). As promised, it releases what its gate permits;
as alleged, what its pipeline sends to the third party becomes a release too, round the gate.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.integration.unfaithful import hand_over_anyway, release_anyway

from privity.app.releases.making.creating import ReleaseRequest, create_release
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private, publish_now, record
from privity.canonical.instants import Instant, format_instant, parse_instant
from privity.config.workspace import WorkspaceSettings
from privity.entries.fact import FactEntry, entry_of
from privity.entries.kinds import PublicKind
from privity.entries.policy import PolicyEntry
from privity.members.facts import Fact, parse_detail
from privity.policy.parse import read_policies
from privity.sources.native import open_records
from privity.sources.synthetic.files import held_at
from privity.sources.synthetic.network import Network, make_network

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "inmail-dispute"
POLICIES: Final = EXAMPLE / "as-promised" / "policies"
ORIGIN: Final = "network.example/simulated"
PURPOSE: Final = "genai-training"
FOUNDED: Final = parse_instant("2024-07-30T00:00:00Z")
ALLEGED: Final = parse_instant("2024-09-17T00:00:00Z")
"""The day before the class's last, and before anybody was told."""
RELEASED: Final = {
    "network-october": parse_instant("2024-10-10T00:00:00Z"),
    "network-december": parse_instant("2024-12-01T00:00:00Z"),
}
"""After the notice, before Hong Kong's stop of the same day; and after it."""
UNTIL: Final = parse_instant("2024-12-01T00:00:00Z")
MEMBERS, RECORDS = 800, 8_000


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One telling of the dispute.

    Attributes:
        root: Its workspace.
        network: The made network.
        claim: What the SQL of the claim counts of the dump.
        dump: What the pipeline as alleged sends.
        releases: The index of each release's entry, by name.
        handed: The index of each hand-over's entry, by name.
    """

    root: Path
    network: Network
    claim: dict[str, Any]
    dump: Path
    releases: dict[str, int] = field(default_factory=dict)
    handed: dict[str, int] = field(default_factory=dict)


def tell(folder: Path, *, alleged: bool) -> Telling:
    """Tell the dispute.

    Args:
        folder: Where; it is there, and empty.
        alleged: Whether what the pipeline sends is released to the third party, round the gate.
    """
    network = make_network(
        folder / "network", members=MEMBERS, records=RECORDS, seed=1, until=UNTIL
    )
    dump = folder / "dump.parquet"
    telling = Telling(
        root=folder / "ledger", network=network, claim=run_pipeline(network, dump), dump=dump
    )
    settings = WorkspaceSettings(origin=ORIGIN, clock="simulated", attested="accept")
    found_workspace(telling.root, settings, now=FOUNDED)
    with open_workspace(telling.root, now=FOUNDED) as workspace:
        teller = _Teller(replace(workspace, now=lambda: teller.now), telling)
        teller.begin()
        if alleged:
            teller.go_on(ALLEGED)
            teller.send()
        for name, at in RELEASED.items():
            teller.go_on(at)
            teller.release(name)
        publish_now(teller.workspace)
    return telling


def run_pipeline(network: Network, dump: Path) -> dict[str, Any]:
    """Run the pipeline as alleged, a program of its own, and give what it counts."""
    script = EXAMPLE / "as-alleged" / "run.py"
    done = subprocess.run(
        [sys.executable, script, network.path, format_instant(ALLEGED), dump],
        capture_output=True,
        text=True,
        check=True,
    )
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted


class _Teller:
    """Goes on from instant to instant."""

    def __init__(self, workspace: Workspace, telling: Telling) -> None:
        self.now = FOUNDED
        self.workspace = workspace
        self._telling = telling
        self._next = iter(_said(telling.network))
        self._waiting: tuple[Instant, list[PublicKind | Private], list[bytes]] | None = None
        self._version = ""

    def begin(self) -> None:
        """Take in what was known before, claimed by the network."""
        facts = pq.read_table(self._telling.network.facts_path)
        path = self._telling.root / "state" / "before.parquet"
        pq.write_table(facts.filter(_before(facts)), path)
        record_baseline(self.workspace, path, claimed_by="network")
        path.unlink()

    def go_on(self, until: Instant) -> None:
        """Enter everything that is said before an instant, and go there."""
        while (said := self._waiting or next(self._next, None)) is not None:
            self._waiting = said
            at, entries, objects = said
            if at >= until:
                break
            self.now = at
            record(self.workspace, entries, objects=objects)
            self._waiting = None
            for one in entries:
                if isinstance(one, PolicyEntry):
                    self._version = one.version
        self.now = until

    def release(self, name: str) -> None:
        """Release to the network itself what its gate permits."""
        folder = self._telling.root / "state" / "held"
        held = held_at(self._telling.network.record_paths, self.now, folder)
        request = ReleaseRequest(name=name, purpose=PURPOSE, recipient="network")
        made = create_release(self.workspace, open_records(held), request)
        self._telling.releases[name] = made.state.created.index

    def send(self) -> None:
        """Release what the pipeline sends to the third party, and hand it over.

        A few records do not come in: of no known category, or quoting what is not there.
        """
        ids = pq.read_table(self._telling.dump, columns=["record_id"])["record_id"]
        records = pa.concat_tables(map(pq.read_table, self._telling.network.record_paths))
        rows = records.filter(pc.is_in(records["record_id"], value_set=ids.combine_chunks()))
        state = release_anyway(
            self.workspace, rows, "dump", "lab", policy=(PURPOSE, self._version)
        )
        self._telling.releases["dump"] = state.created.index
        self._telling.handed["dump-1"] = hand_over_anyway(
            self.workspace, state, "dump-1", acknowledged=True
        )


def _before(facts: pa.Table) -> pa.ChunkedArray:
    """Tell which facts were recorded before the ledger."""
    founded = pa.scalar(FOUNDED * 1_000_000, pa.timestamp("us", tz="UTC"))
    return pc.less(facts["recorded_at"], founded)


def _said(
    network: Network,
) -> Iterator[tuple[Instant, list[PublicKind | Private], list[bytes]]]:
    """Give what is said from the ledger's beginning on: versions and facts, by the instant at which they are entered."""
    facts = pq.read_table(network.facts_path)
    said: list[tuple[Instant, PublicKind | Private, bytes]] = [
        (_seconds(row["recorded_at"]), _entry(row), b"")
        for row in facts.filter(pc.invert(_before(facts))).to_pylist()
    ]
    for path in sorted(POLICIES.glob("*.yaml")):
        (version,) = read_policies([path]).versions
        text = path.read_bytes()
        entry = PolicyEntry(
            policy=version.policy,
            version=version.version,
            effective_at=version.effective_at,
            sha256=sha256(text).hexdigest(),
            size=len(text),
        )
        said.append((version.published_at, entry, text))
    for at, together in groupby(sorted(said, key=lambda one: one[0]), lambda one: one[0]):
        found = list(together)
        yield at, [one for _, one, _ in found], [text for _, _, text in found if text]


def _entry(row: dict[str, Any]) -> PublicKind | Private:
    detail = parse_detail(row["detail"])
    at = _seconds(row["at"])
    fact = Fact(
        member=row["member"],
        fact=row["fact"],
        value=row["value"],
        at=at,
        recorded_at=_seconds(row["recorded_at"]),
        detail=detail,
    )
    entry = entry_of(fact)
    return Private(member=fact.member, says=entry) if isinstance(entry, FactEntry) else entry


def _seconds(when: datetime) -> Instant:
    return int(when.timestamp())
