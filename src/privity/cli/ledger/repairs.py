# SPDX-License-Identifier: Apache-2.0
"""How a repair is shown, before and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.places import Places
from privity.app.workspace.repairing import Repair
from privity.canonical.instants import Instant

if TYPE_CHECKING:
    from privity.app.releases.taking_back.mending import MendedRelease


def mapping(found: Repair) -> dict[str, Any]:
    """Give a repair as JSON."""
    log, vault = found.log, found.vault
    return {
        "copies": [str(path) for path in found.copies],
        "entries_mended": log.entries,
        "entries_taken_back": log.taken_back,
        "erased_again": vault.erased,
        "files": log.files,
        "former_keys": len(vault.former),
        "gaps": vault.gaps,
        "head_mended": log.head,
        "incidents": vault.incidents,
        "made_anew": [str(path) for path in found.made],
        "notes": log.notes,
        "nothing": found.nothing,
        "payloads_lost": sum(end - first for first, end in vault.lost),
        "payloads_removed": vault.unopened,
        "projection_other": found.projection,
        "published": None if found.published is None else found.published.checkpoint.size,
        "streams_counted": vault.counted,
        "texts": vault.texts,
        "unfinished": found.unfinished,
    }


def lines(found: Repair) -> Iterator[str]:
    """Give a repair in words: each line says what is done, or would be."""
    log, vault = found.log, found.vault
    for path in found.copies:
        yield f"  {path} is a copy; it is taken for the first one, which must be gone for good"
    for path in found.made:
        yield f"  {path} is missing, and is made anew: what only it had is lost"
    lost = sum(end - first for first, end in vault.lost)
    counts = (
        ("entries taken back from the public tree, without private payloads", log.taken_back),
        ("entries mended, or their hashes", log.entries),
        ("heads mended", int(log.head)),
        ("files of the public tree written", log.files),
        ("notes put back, of anchor, checkpoint and database", log.notes),
        ("streams counted again", vault.counted),
        ("private payloads put in order", vault.linked),
        ("public objects put back", vault.texts),
        ("verifier keys of before put back", len(vault.former)),
        ("private payloads removed that nothing opens", vault.unopened),
        ("private payloads lost besides", lost),
        ("erased members erased again", vault.erased),
        ("entries that say in the log, for good, what was lost", vault.incidents),
        ("numbers of streams missing, which nothing brings back", vault.gaps),
    )
    if found.unfinished:
        yield "  a repair was cut short, and is ended: until then nothing is recorded"
    if found.projection:
        yield "  the projection has other rows than the log comes to, and is made anew"
    for what, count in counts:
        if count:
            yield f"  {what}: {count:,}"


def releases_to_mend(root: Path) -> tuple[str, ...]:
    """Give the releases of which what lies beside their files is not what the log says."""
    if not _has_releases(root):
        return ()
    from privity.app.releases.taking_back.mending import to_mend  # noqa: PLC0415 - it loads engines

    with open_workspace(root) as workspace:
        return to_mend(workspace)


def mend(root: Path, *, now: Instant | None) -> tuple[MendedRelease, ...]:
    """Bring what lies beside the files of releases to what the log says."""
    if not _has_releases(root):
        return ()
    from privity.app.releases.taking_back.mending import mend_releases  # noqa: PLC0415 - it loads engines

    with open_workspace(root, now=now) as workspace:
        return mend_releases(workspace)


def release_lines(names: Sequence[str]) -> Iterator[str]:
    """Say of which releases something would be done."""
    if names:
        yield f"  releases whose private part is brought to what the log says: {', '.join(names)}"


def mended_lines(mended: Sequence[MendedRelease]) -> Iterator[str]:
    """Say what was done for releases, and what could not be."""
    for one in mended:
        yield f"  release {one.name}: its private part is brought to what the log says"
        if one.lost:
            yield f"    lost: what stood beside {', '.join(one.lost)}; what is due of it can no longer be found: end it"


def _has_releases(root: Path) -> bool:
    return (root / "releases").is_dir() and Places(root).log.exists()
