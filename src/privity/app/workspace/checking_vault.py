# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the vault, and with the baselines that stand in it: a part of checking.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from privity.app.workspace.baseline_erasing import commits_to
from privity.app.workspace.findings import PUT_BACK, Findings
from privity.app.workspace.mending import Range, less, ranges
from privity.app.workspace.parts import Workspace
from privity.app.workspace.vault_comparing import VaultState
from privity.canonical.encode import digest_file
from privity.entries.baseline import BaselineEntry
from privity.errors import ConflictError
from privity.store.baselines import read_kept
from privity.store.lock import locked

_MOST_NAMED: Final = 5
_GONE: Final = (
    "keep all files as they are, and look for them in the backups of database and vault"
)
_BASELINE: Final = "workspace/baseline"


def look_at_vault(workspace: Workspace, state: VaultState, findings: Findings) -> None:
    """Take down where payloads, streams and erasures are not what the log says of them.

    Args:
        workspace: The workspace.
        state: What comparing the vault with the log came to.
        findings: What is wrong is added here.
    """
    known = workspace.store.lost()
    missing = less(ranges(state.lost), known)
    ending = {*workspace.store.vault.ending()}
    not_erased = {*state.erased} - ending
    for one in state.unopened[:_MOST_NAMED]:
        findings.wrong(f"the private payload of entry {one.index} is worth nothing: {one.why}")
    if len(state.unopened) > _MOST_NAMED:
        findings.wrong(f"{len(state.unopened)} private payloads are worth nothing")
    if lost := sum(end - first for first, end in missing):
        findings.wrong(
            f"{lost} private payloads are missing and not marked as lost, the first of entry "
            f"{missing[0][0]}"
        )
    _unexplained(state, known, findings)
    for stream, number in state.gaps[:_MOST_NAMED]:
        findings.wrong(
            f"no entry is number {number} of stream {stream}, and later ones are there",
            hint="keep all files as they are",
        )
    if state.streams:
        findings.wrong(f"{len(state.streams)} streams are not where the log says that they are")
    if state.links:
        findings.wrong(
            f"{len(state.links)} private payloads do not lead to the one before them"
        )
    if not_erased:
        findings.wrong(f"{len(not_erased)} members who were erased are there again")
    if ending and not _being_erased(workspace):
        findings.wrong(
            f"the erasure of {len(ending)} members was cut short",
            hint="run `privity ledger publish DIR`: every command finishes it first",
        )


def _being_erased(workspace: Workspace) -> bool:
    """Whether a process is at it; the lock of one that was killed is free."""
    try:
        with locked(workspace.places.erasing):
            return False
    except ConflictError:
        return True


def _unexplained(state: VaultState, known: Sequence[Range], findings: Findings) -> None:
    """Whoever said what is not there any more was erased, as the log says, or it is marked as lost."""
    bare = less(less(ranges(state.bare), known), ranges(state.lost))
    count = sum(end - first for first, end in bare)
    # A key that was lost goes with payloads that are marked; whose they were nobody can tell any more.
    lost = sum(end - first for first, end in known)
    if count and not state.erasures:
        findings.wrong(
            f"{count} private entries have no payload, the first entry {bare[0][0]}: the log says of nobody "
            "who was erased, and nothing marks them as lost",
            hint=_GONE,
        )
    elif count and state.keyless > state.erasures + lost:
        findings.wrong(
            f"{state.keyless} streams have no key, and the log says of {state.erasures} that they were erased: "
            f"among the {count} private entries without a payload are those of others",
            hint=_GONE,
        )


def look_at_baselines(
    workspace: Workspace, entries: Mapping[int, BaselineEntry], findings: Findings
) -> int:
    """Take down whatever baseline stands and has no file as it was, or was replaced and has one.

    Args:
        workspace: The workspace.
        entries: What the log says of baselines, by the entry that says it.
        findings: What is wrong is added here.

    Returns:
        How many stand, with their files.
    """
    replaced = {says.replaces.entry for says in entries.values() if says.replaces is not None}
    standing = [index for index in entries if index not in replaced]
    found = 0
    folder = workspace.places.baselines
    for path in sorted(folder.glob("[!.]*.parquet")):
        with findings.told():
            secret = path.with_suffix(".opening")
            if not secret.exists():
                # Then its entry, which it opens, is named as one without a file.
                findings.wrong(f"`{secret}` is not there", code=_BASELINE, hint=PUT_BACK)
                continue
            kept = read_kept(folder, path.stem)
            if kept is None:
                continue
            index = next((at for at, says in entries.items() if commits_to(says, kept)), None)
            if index is None:
                continue
            if index in replaced:
                findings.wrong(
                    f"`{kept.path}` is there, and members were erased from it by a later entry",
                    code=_BASELINE,
                )
            elif digest_file(kept.path) != kept.sha256:
                findings.wrong(f"`{kept.path}` was changed", code=_BASELINE, hint=PUT_BACK)
            else:
                standing.remove(index)
                found += 1
    for index in standing:
        findings.wrong(
            f"the file of the baseline of entry {index} is not in the vault, as it was",
            code=_BASELINE,
            hint=PUT_BACK,
        )
    return found
