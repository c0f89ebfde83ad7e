# SPDX-License-Identifier: Apache-2.0
"""Restore a workspace from a backup: put back what is missing, and bring it to what was published since.

Nothing that is there is replaced: whoever thinks that it is damaged moves it away. What is put back is older than what was
published since; that comes from the public tree, by the very steps of a repair, and where the tree lacks it too,
what was put back is taken away again, and nothing is signed. Whoever was erased since is erased again before
anybody reads.
"""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from privity.app.workspace.backing_up import (
    BASELINES,
    DATABASE,
    FORMER,
    KEYS,
    LOG,
    PUBLIC,
    SETTINGS,
    VAULT,
    Part,
    read_part,
)
from privity.app.workspace.keyring import read_signer
from privity.app.workspace.parts import read_settings
from privity.app.workspace.places import Places
from privity.app.workspace.release_vault import restorable_release_vault
from privity.app.workspace.repairing import Repair, repair_workspace
from privity.canonical.instants import Instant
from privity.config.workspace import parse_settings
from privity.errors import ConflictError, InputError
from privity.ledger.ports import CHECKPOINT
from privity.store.files import Folder, force_folder, unreachable
from privity.store.opening import remove_beside
from privity.store.private import make_private_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Restorable:
    """What a backup has that a workspace lacks.

    Attributes:
        parts: The parts of the backup that are used.
        files: Each file that is missing, with the copy of it.
        tree: Whether the public tree is missing, and is in the backup.
    """

    parts: tuple[Part, ...]
    files: tuple[tuple[Path, Path], ...]
    tree: bool


def restorable(root: Path, backup: Path) -> Restorable:
    """Look what would be put back.

    Args:
        root: The workspace; its folder may be missing, but for the key that signs.
        backup: The folder of a backup.

    Raises:
        ConflictError: Nothing is missing (`workspace/nothing-missing`), or the backup is of another log.
        InputError: It is no backup, or was damaged.
        UnavailableError: The key that signs is missing: it is in no backup.
    """
    places = Places(root)
    parts = tuple(read_part(backup / name) for name in (LOG, VAULT) if (backup / name).is_dir())
    if not parts:
        raise InputError(
            f"`{backup}` is no backup: it has neither `{LOG}` nor `{VAULT}`",
            code="workspace/backup",
            hint="name a folder that `privity ledger backup` made",
        )
    _check_log(places, parts)
    read_signer(places.signer)
    wanted = [
        (places.keys, backup / VAULT / KEYS),
        (places.log, backup / LOG / DATABASE),
        (places.former_vkeys, backup / LOG / FORMER),
        *restorable_release_vault(places, backup / VAULT),
        # Last: without it there is no workspace.
        (places.settings, backup / LOG / SETTINGS),
    ]
    files = tuple(
        (place, copy)
        for place, copy in wanted
        if copy.is_file() and not (place.exists() and place.stat().st_size)
    )
    tree = not (places.public / CHECKPOINT).exists() and (backup / LOG / PUBLIC).is_dir()
    if not files and not tree:
        raise ConflictError(
            f"`{root}` lacks nothing that `{backup}` has, and nothing that is there is replaced",
            code="workspace/nothing-missing",
            hint=f"move away what is damaged, or run `privity ledger repair {shlex.quote(str(root))}`",
        )
    return Restorable(parts=parts, files=files, tree=tree)


def restore_workspace(
    root: Path,
    backup: Path,
    *,
    source: str | None = None,
    now: Instant | None = None,
) -> Repair:
    """Put back what is missing, bring it to what was published since, and publish.

    Args:
        root: The workspace.
        backup: The folder of a backup.
        source: A copy of the public tree to mend from, in place of its own: a folder or an address.
        now: The instant that new entries carry, where the clock is simulated.

    Raises:
        ConflictError: As `restorable`; or another process publishes.
        InputError: As `restorable`.
        VerificationError: More was published than the backup has, and the tree does not have it: what was put back
            was taken away again.
        UnavailableError: The disk is full or fails.
    """
    found = restorable(root, backup)
    put: list[Path] = []
    try:
        for place in (Places(root).log, *(place for place, _ in found.files)):
            for folder in reversed(place.relative_to(root).parents[:-1]):
                make_private_folder(root / folder)
        if found.tree:
            _put_tree(backup / LOG / PUBLIC, Places(root).public)
        for place, copy in found.files:
            _put(place, copy)
            put.append(place)
        # Nothing is at home here yet: whoever opens it now is told that these are copies.
        repair_workspace(root, source=source, rehearse=True, now=now)
    except BaseException:
        for place in put:
            place.unlink()
        if found.tree:
            shutil.rmtree(Places(root).public)
        raise
    return repair_workspace(root, source=source, baselines=backup / VAULT / BASELINES, now=now)


def _check_log(places: Places, parts: tuple[Part, ...]) -> None:
    origins = {part.origin for part in parts}
    if places.settings.exists():
        origins.add(read_settings(places.root).origin)
    for part in parts:
        settings = part.folder / SETTINGS
        if settings.is_file():
            text = settings.read_text(encoding="utf-8")
            origins.add(parse_settings(text, file=str(settings)).origin)
    if len(origins) > 1:
        named = " and ".join(f"`{origin}`" for origin in sorted(origins))
        raise ConflictError(
            f"the backup and the workspace are of different logs, {named}",
            code="store/other-log",
            hint="name a backup of this log",
        )


def _put(place: Path, copy: Path) -> None:
    """Copy a file to its place, whole and durably; whatever stands there is empty."""
    aside = place.with_name(f".{place.name}.new")
    try:
        opened = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "wb") as stream, copy.open("rb") as source:
            shutil.copyfileobj(source, stream)
            stream.flush()
            os.fsync(stream.fileno())
        remove_beside(place)
        aside.rename(place)
        force_folder(place.parent)
    except OSError as error:
        raise unreachable(place, error) from error


def _put_tree(source: Path, target: Path) -> None:
    tree = Folder(target)
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if path.is_file() and name != CHECKPOINT and not path.name.startswith("."):
            tree.write_new([(name, path.read_bytes())])
    tree.replace(CHECKPOINT, (source / CHECKPOINT).read_bytes())
