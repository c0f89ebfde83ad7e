# SPDX-License-Identifier: Apache-2.0
"""A platform that goes round its own gate: what it likes becomes a release, and the log says so as if it had been cleared.

The set is made by the program itself, under a rule and facts by which everybody agreed to everything. So files, manifest,
members' commitment and papers are as they are of any release; only what was asked is a lie. The entries are written as
they are wanted, and no check of the program is between them and the log.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.inputs import load_facts, load_policy
from privity.app.releases.making.finishing import FOLDER, PRIVATE, SET, finish_release
from privity.app.releases.members.membership import commit_release
from privity.app.releases.state.marks import held
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.signing import release_signer
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record
from privity.canonical.encode import digest_file
from privity.canonical.instants import Instant, parse_instant
from privity.decide.many import Compiled, compile_request
from privity.decide.request import Request
from privity.entries.clearing import CommittedClearing, Inputs, PreparedClearing
from privity.entries.disclosure import AcknowledgedDisclosure, HandedOver
from privity.entries.release import Content, CreatedRelease
from privity.release.clear import Clearing, clear
from privity.release.folder import ReleaseFolder
from privity.release.job import Job
from privity.release.laid_out import SALT_SIZE, lay_out, put
from privity.release.pairs import Audience
from privity.release.papers.making import making_of
from privity.release.papers.writing import write_making
from privity.sources.native import open_records
from privity.store.private import make_private_folder

PURPOSE: Final = "genai-training"
LONG_AGO: Final = "1970-01-01T00:00:00Z"
ANYTHING: Final[Mapping[str, Any]] = {
    "policy": "anything",
    "version": "1",
    "controller": "network",
    "published_at": LONG_AGO,
    "effective_at": LONG_AGO,
    "settings": {
        "anything": {
            "label": "Anything",
            "purposes": ["processing"],
            "categories": ["content"],
            "recipients": ["controller", "affiliate", "processor", "third-party"],
            "live_from": LONG_AGO,
            "default": [{"value": "off"}],
            "notice": "told",
        }
    },
    "notices": {"told": {"effective_at": LONG_AGO}},
}
AGREED: Final = (
    ("joined", "", "{}"),
    ("jurisdiction", "US", '{"evidence":"declared"}'),
    ("notice", "told", "{}"),
    ("setting", "on", '{"setting":"anything","scope":"all"}'),
)
"""What the platform tells itself of everybody."""
INSTRUCTED: Final = (
    '{"categories":["content"],"purposes":["processing"],"recipients":["controller"]}'
)
"""And of every customer."""


def release_anyway(
    workspace: Workspace,
    rows: pa.Table,
    name: str,
    recipient: str,
    *,
    policy: tuple[str, str],
    size: int | None = None,
    expires_at: Instant | None = None,
    rows_a_file: int | None = None,
) -> ReleaseState:
    """Make a release of these rows, whoever agreed: of all that name a known category, and quote nothing from elsewhere.

    Args:
        workspace: Whose log is to say it.
        rows: The records, with their payload.
        name: The release's name.
        recipient: Who it is said to be for.
        policy: The policy and the version that it is said to be cleared by.
        size: How many entries it is said to heed; None is all.
        expires_at: When it is said to end.
        rows_a_file: After how many rows a file ends.

    Returns:
        What the log says of it.
    """
    places = ReleasePlaces.of(workspace.places, name)
    said: dict[str, Any] = {
        "clearing": f"clearing of {name}",
        "purpose": PURPOSE,
        "recipient": recipient,
        "at": workspace.now(),
        "policy": policy[0],
        "version": policy[1],
    }
    with held(workspace.places.root, name):
        make_private_folder(places.work)
        record(
            workspace,
            [PreparedClearing(**said, ledger_size=size or workspace.store.head().size)],
        )
        compiled = _permissive(rows, recipient, workspace.now())
        heeded = size or workspace.store.head().size
        ledger = {
            "attested": [],
            "origin": workspace.settings.origin,
            "clearing": said["clearing"],
            "size": heeded,
            "clock": workspace.settings.clock,
        }
        described = {"program": "unfaithful", "ledger": ledger}
        cleared = _cleared(compiled, rows, places.work, rows_a_file, described)
        digests = [one["sha256"] for one in cleared.manifest["sources"]]
        committed = CommittedClearing(
            **said,
            ledger_size=heeded,
            inputs=Inputs.of(digests),
            records=rows.num_rows,
            permitted=cleared.summary.permitted,
            manifest=digest_file(cleared.out / "manifest.json"),
        )
        record(workspace, [committed])
        content = _laid_out(workspace, places, cleared, compiled)
        del said["at"]
        created = CreatedRelease(
            **said,
            release=name,
            ledger_size=heeded,
            content=content,
            key=release_signer(workspace).public,
            expires_at=expires_at,
        )
        record(workspace, [created])
        state = register_of(workspace).release(name)
        finish_release(workspace, state)
    return state


def hand_over_anyway(
    workspace: Workspace,
    state: ReleaseState,
    disclosure: str,
    *,
    acknowledged: bool,
    recipient: str | None = None,
) -> int:
    """Say that a release went to its recipient, or to another, whatever became of it since; give that entry's index."""
    folder = ReleasePlaces.of(workspace.places, state.name).folder
    said = HandedOver(
        disclosure=disclosure,
        release=state.name,
        revision=state.revision,
        recipient=recipient or state.recipient,
        files_root=state.newest.says.content.files_root,
        certificate=digest_file(folder.certificate),
    )
    entry = record(workspace, [said]).first
    if acknowledged:
        envelope = f"signed for {disclosure}".encode()
        named = sha256(envelope).hexdigest()
        record(
            workspace,
            [AcknowledgedDisclosure(disclosure=disclosure, acknowledgement=named)],
            objects=[envelope],
        )
    return entry


def _permissive(rows: pa.Table, recipient: str, now: Instant) -> Compiled:
    """Make a request ready by which everybody in these rows agreed to it."""
    everybody = pc.unique(
        pa.chunked_array(
            [
                *rows["author"].chunks,
                *(chunk.flatten() for chunk in rows["recipients"].chunks),
            ]
        )
    )
    platform = pa.nulls(1, everybody.type)
    seats = [
        one.removeprefix("seat:")
        for one in pc.unique(rows["capacity"]).to_pylist()
        if one is not None
    ]
    facts = pa.concat_tables(
        [
            _facts(platform, "recipient", recipient, '{"role":"controller"}'),
            *(_facts(platform, "seat-instruction", one, INSTRUCTED) for one in seats),
            *(_facts(everybody, *one) for one in AGREED),
        ]
    )
    asked = Request(purpose=PURPOSE, recipient=recipient, at=now, known=now)
    return compile_request(asked, load_policy(ANYTHING), load_facts(facts))


def _facts(members: pa.Array, fact: str, value: str, detail: str) -> pa.Table:
    count = len(members)
    then = pa.scalar(parse_instant(LONG_AGO) * 1_000_000, pa.timestamp("us", tz="UTC"))
    texts = {"fact": fact, "value": value, "detail": detail}
    columns = {key: pa.repeat(pa.scalar(text), count) for key, text in texts.items()}
    times = {key: pa.repeat(then, count) for key in ("at", "recorded_at")}
    return pa.table({"member": members, **columns, **times})


def _cleared(
    compiled: Compiled,
    rows: pa.Table,
    work: Path,
    rows_a_file: int | None,
    described: Mapping[str, Any],
) -> Clearing:
    """Make the set aside; left out is only what nobody's yes would let in, such as a quotation of what is not here."""
    source = work / "source.parquet"
    pq.write_table(rows, source, row_group_size=rows_a_file or 1 << 16)
    job = Job(out=work / SET, table=True, most=rows_a_file, described=described)
    cleared = clear(compiled, open_records([source]), job, lambda _stage, _rows: None)
    source.unlink()
    return cleared


def _laid_out(
    workspace: Workspace, places: ReleasePlaces, cleared: Clearing, compiled: Compiled
) -> Content:
    """Make table, manifest and members' commitment of the set, as of any."""
    folder, private = ReleaseFolder(places.work / FOLDER), places.work / PRIVATE
    laid = lay_out(
        cleared.out,
        cleared.manifest,
        folder,
        private,
        name=places.name,
        now=workspace.now(),
        threads=2,
    )
    salt = secrets.token_bytes(SALT_SIZE)
    put(folder.salt, salt, secret=True)
    members = commit_release(
        workspace,
        name=places.name,
        salt=salt,
        private=private,
        sidecar=folder.members,
        work=places.work / "members",
        audience=Audience.of(compiled),
    )
    write_making(
        folder.root,
        making_of(cleared.summary, cleared.manifest, laid.schema, compiled.plan.version),
    )
    return Content(
        files=len(laid.manifest.lines),
        size=laid.manifest.size,
        rows=laid.manifest.rows,
        files_root=laid.manifest.root,
        members=members.count,
        members_root=members.root,
        manifest=laid.manifest.sha256,
        columns=laid.columns,
    )
